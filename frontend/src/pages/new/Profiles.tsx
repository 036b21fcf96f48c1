// Device profiles as cards: choosing one fills in its limits and names their source.
import clsx from "clsx";
import type { DeviceProfile } from "../../api/types";
import { LIMITS } from "../../format/costs";
import forms from "../../ui/forms/forms.module.css";
import type { Change } from "./formValues";
import styles from "./options.module.css";

interface ProfilesProps {
  profiles: readonly DeviceProfile[];
  chosen: string | null;
  change: (change: Change) => void;
}

export function Profiles({ profiles, chosen, change }: ProfilesProps) {
  if (profiles.length === 0) return null;
  const one = profiles.find(({ name }) => name === chosen);
  return (
    <>
      <div className={styles.profiles} role="radiogroup" aria-label="Target device">
        {profiles.map((profile) => (
          <label className={styles.opt} key={profile.name}>
            <input
              type="radio"
              name="profile"
              checked={profile.name === chosen}
              onChange={() => change({ kind: "profile", profile })}
            />
            <span className={styles.box}>
              <b>{profile.title}</b>
              {limitsOf(profile).map((limit) => (
                <span className={clsx(styles.d, styles.limit)} key={limit}>
                  {limit}
                </span>
              ))}
            </span>
          </label>
        ))}
      </div>
      {one && (
        <p className={clsx(forms.help, styles.aboutProfile)}>
          {one.about} Source: {one.source}
        </p>
      )}
    </>
  );
}

/** One text per limit, such as "≤ 320 KiB peak memory". */
export function limitsOf({ budget }: Pick<DeviceProfile, "budget">): string[] {
  return LIMITS.flatMap(({ key, inline, show }) => {
    const limit = budget[key];
    return limit === null || limit === undefined ? [] : [`≤ ${show(limit)} ${inline}`];
  });
}

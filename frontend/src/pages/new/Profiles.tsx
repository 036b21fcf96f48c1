// Devices as cards: choosing one fills in what a network for it may cost, with where these numbers are from.
import type { DeviceProfile } from "../../api/types";
import { LIMITS } from "../../format";
import type { Change } from "./draft";

interface ProfilesProps {
  profiles: readonly DeviceProfile[];
  chosen: string | null;
  change: (change: Change) => void;
}

export function Profiles({ profiles, chosen, change }: ProfilesProps) {
  if (profiles.length === 0) return null;
  return (
    <div className="profiles" role="radiogroup" aria-label="Device to fit">
      {profiles.map((profile) => (
        <label className="opt" key={profile.name}>
          <input
            type="radio"
            name="profile"
            checked={profile.name === chosen}
            onChange={() => change({ kind: "profile", profile })}
          />
          <span className="box">
            <b>{profile.title}</b>
            <span className="d">{limitsOf(profile)}</span>
            <span className="d2">{profile.about}</span>
            <span className="d2 source">Source: {profile.source}</span>
          </span>
        </label>
      ))}
    </div>
  );
}

/** "1.02 M parameters, 320 KiB peak memory" */
export function limitsOf({ budget }: Pick<DeviceProfile, "budget">): string {
  const limits = LIMITS.flatMap(({ key, inline, show }) => {
    const limit = budget[key];
    return limit === null || limit === undefined ? [] : [`${inline} ≤ ${show(limit)}`];
  });
  return limits.join(", ") || "no limits";
}

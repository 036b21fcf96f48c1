import { Link } from "react-router";
import { Empty } from "../parts/Notice";

export function Component() {
  return (
    <Empty
      action={
        <Link className="btn" to="/searches">
          To the searches
        </Link>
      }
    >
      There is no page at this address.
    </Empty>
  );
}

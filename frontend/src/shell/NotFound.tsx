// The page for unknown URLs.
import { Link } from "react-router";
import { Empty } from "../ui/Notice";

export function Component() {
  return (
    <>
      <header className="page-head">
        <h1>Nothing here</h1>
      </header>
      <Empty
        action={
          <Link className="btn" to="/searches">
            To the searches
          </Link>
        }
      >
        There is no page at this address.
      </Empty>
    </>
  );
}

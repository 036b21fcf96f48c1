// The page for unknown URLs.
import { Link } from "react-router";
import { Empty } from "../ui/Notice";

export function Component() {
  return (
    <>
      <header className="page-head">
        <h1>Page not found</h1>
      </header>
      <Empty
        action={
          <Link className="btn" to="/searches">
            Go to searches
          </Link>
        }
      >
        There is no page at this address. The link may be out of date.
      </Empty>
    </>
  );
}

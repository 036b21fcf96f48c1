// New search page.
export function Component() {
  return (
    <div className="page-head">
      <h1>New search</h1>
    </div>
  );
}

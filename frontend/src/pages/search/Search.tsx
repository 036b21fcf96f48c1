// Search page.
export function Component() {
  return (
    <div className="page-head">
      <h1>Search</h1>
    </div>
  );
}

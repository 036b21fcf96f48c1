// Searches page.
export function Component() {
  return (
    <div className="page-head">
      <h1>Searches</h1>
    </div>
  );
}

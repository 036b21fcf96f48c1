// Catalog page.
export function Component() {
  return (
    <div className="page-head">
      <h1>Catalog</h1>
    </div>
  );
}

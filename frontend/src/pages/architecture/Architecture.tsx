// Architecture page.
export function Component() {
  return (
    <div className="page-head">
      <h1>Architecture</h1>
    </div>
  );
}

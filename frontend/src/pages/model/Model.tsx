// Model page.
export function Component() {
  return (
    <div className="page-head">
      <h1>Model</h1>
    </div>
  );
}

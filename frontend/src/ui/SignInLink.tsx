/** In another tab, since this page stays as it is. */
export function SignInLink() {
  return (
    <a href="/accounts/login/?next=/searches" target="_blank" rel="noreferrer">
      Sign in, in another tab
    </a>
  );
}

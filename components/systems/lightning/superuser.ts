/**
 * Makes the first user, unless there is a superuser already: as Lightning's own page `/first_setup` does, which is open to anybody until
 * then. Source: `lib/lightning/setup.ex` and `lib/lightning/accounts.ex` of Lightning (`ensure_minimum_setup`, `has_one_superuser?`,
 * `register_superuser`; unchanged from 2023 to 2026).
 *
 * The text never changes: what differs comes in variables and in a file, so that nothing in it could be taken for code. Of a refused
 * password only the reason is printed.
 */
const SCRIPT = `
{:ok, _} = Lightning.Setup.ensure_minimum_setup()
{:ok, result, _} = Ecto.Migrator.with_repo(Lightning.Repo, fn _ ->
  if Lightning.Accounts.has_one_superuser?() do
    :exists
  else
    Lightning.Accounts.register_superuser(%{
      first_name: System.fetch_env!("SUPERUSER_FIRST_NAME"),
      last_name: System.fetch_env!("SUPERUSER_LAST_NAME"),
      email: System.fetch_env!("SUPERUSER_EMAIL"),
      password: File.read!("/run/secrets/superuser-password")
    })
  end
end)
case result do
  :exists -> IO.puts("there is a superuser already")
  {:ok, _} -> IO.puts("made the superuser")
  {:error, changeset} ->
    IO.puts("the superuser was refused: " <> inspect(changeset.errors))
    System.halt(1)
end
`;

export const SUPERUSER_COMMAND = ["/app/bin/lightning", "eval", SCRIPT.trim()];
export const SUPERUSER_PASSWORD_FILE = "superuser-password";

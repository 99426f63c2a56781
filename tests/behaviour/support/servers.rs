//! Servers that tests start themselves, each on a free port and with a folder of its own.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use tempfile::TempDir;

/// Runs a server until its input ends, which it does with this process, however that ends; then clears up. The output is the
/// server's alone, so that it ends when a server does that could not start.
const GUARD: &str = r#"signal=$1 rubbish=$2; shift 2
"$@" 2>&1 & server=$!
exec >&-
read -r _
kill -s "$signal" $server; wait $server
if [ -n "$rubbish" ]; then rm -rf -- "$rubbish"; fi"#;

/// A server that runs until this is dropped.
pub(crate) struct Server(Child);

impl Server {
    /// Starts a server and waits until it says that it is ready. Nothing, if it ended before.
    fn start(signal: &str, rubbish: Option<&Path>, command: &mut Command) -> Option<Self> {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard", signal]).arg(rubbish.unwrap_or(Path::new("")));
        guard.arg(command.get_program()).args(command.get_args());
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = guard.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.any(|line| line.to_lowercase().contains("ready to accept connections"));
        // It goes on talking, and somebody has to listen.
        thread::spawn(move || lines.for_each(drop));
        let server = Self(process);
        ready.then_some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Looks for a port with which the server starts: a free one may be taken by somebody else in the meantime.
fn on_a_free_port(what: &str, package: &str, start: impl Fn(u16) -> Option<Server>) -> (Server, u16) {
    let started = (0..5).find_map(|_| {
        let port = free_port();
        Some((start(port)?, port))
    });
    started.unwrap_or_else(|| panic!("{what} does not start: is the package `{package}` installed?"))
}

/// A Redis that writes every commit to the disk before it answers.
pub(crate) fn start_redis(folder: &Path, port: u16, rubbish: Option<&Path>) -> Option<Server> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
    command.args(["--appendonly", "yes", "--appendfsync", "always"]);
    Server::start("KILL", rubbish, &mut command)
}

/// A Redis of a test's own, and the port that it listens on.
pub(crate) fn redis_of_ones_own(folder: &Path) -> (Server, u16) {
    on_a_free_port("Redis", "redis-server", |port| start_redis(folder, port, None))
}

/// The address of the Redis that all tests share.
pub(crate) fn redis() -> &'static str {
    static SHARED: OnceLock<(Server, String)> = OnceLock::new();
    let start = || {
        // A static is never dropped, so the folder is left to whoever ends the server.
        let folder = TempDir::new().unwrap().keep();
        let start = |port| start_redis(&folder, port, Some(&folder));
        let (server, port) = on_a_free_port("Redis", "redis-server", start);
        (server, format!("redis://127.0.0.1:{port}"))
    };
    &SHARED.get_or_init(start).1
}

/// A command as a user that PostgreSQL accepts: it does not run as root.
fn postgres_command(program: &str) -> Command {
    let folder = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok).next();
    let program = folder.map_or(program.into(), |version| version.path().join("bin").join(program));
    let user = Command::new("id").arg("-u").output().unwrap();
    if user.stdout != b"0\n" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

/// Makes an empty PostgreSQL in a folder below this one.
fn init_postgres(folder: &Path) {
    // The folder is one of the user's, who may be somebody else.
    std::fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    let mut command = postgres_command("initdb");
    command.arg("--pgdata").arg(folder.join("data")).args(["--auth=trust", "--username=test", "--no-sync"]);
    let made = command.args(["--encoding=UTF8", "--locale=C"]).output();
    let made = made.is_ok_and(|output| output.status.success());
    assert!(made, "PostgreSQL makes no database: is the package `postgresql` installed?");
}

/// A PostgreSQL in a folder that [`init_postgres`] made.
pub(crate) fn start_postgres(folder: &Path, port: u16, rubbish: Option<&Path>) -> Option<Server> {
    let mut command = postgres_command("postgres");
    command.arg("-D").arg(folder.join("data")).args([
        "-p",
        &port.to_string(),
        "-c",
        "listen_addresses=127.0.0.1",
    ]);
    command.args(["-c", "unix_socket_directories=", "-c", "max_connections=1000"]);
    Server::start("QUIT", rubbish, &mut command)
}

/// A PostgreSQL of a test's own, and the port that it listens on.
pub(crate) fn postgres_of_ones_own(folder: &Path) -> (Server, u16) {
    init_postgres(folder);
    on_a_free_port("PostgreSQL", "postgresql", |port| start_postgres(folder, port, None))
}

/// The address of the PostgreSQL that all tests share.
pub(crate) fn postgres() -> &'static str {
    static SHARED: OnceLock<(Server, String)> = OnceLock::new();
    let start = || {
        let folder = TempDir::new().unwrap().keep();
        init_postgres(&folder);
        let start = |port| start_postgres(&folder, port, Some(&folder));
        let (server, port) = on_a_free_port("PostgreSQL", "postgresql", start);
        (server, format!("postgres://test@127.0.0.1:{port}/postgres"))
    };
    &SHARED.get_or_init(start).1
}

/// What a statement says in the PostgreSQL that all tests share.
pub(crate) fn ask_postgres(statement: &str) -> String {
    let output = postgres_command("psql").args([postgres(), "-tAc", statement]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

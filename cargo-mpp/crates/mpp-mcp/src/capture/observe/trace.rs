//! Collects what matters from a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::dns;
use super::line::{Call, Lines, strings};
use crate::capture::entry::{Connection, Observed, StartedProgram};

/// The port of name servers.
const NAME_SERVICE: u16 = 53;

/// Reads a trace.
pub(super) fn read(trace: &str, started: SystemTime) -> Observed {
    let mut found = Collected { started: seconds(started), ..Collected::default() };
    let mut lines = Lines::default();
    trace.lines().filter_map(|line| lines.read(line)).for_each(|call| found.add(&call));
    found.finish()
}

#[derive(Default)]
struct Collected<'a> {
    started: f64,
    observed: Observed,
    first: Option<&'a str>,
    /// The directory that each process works in, as its calls show it.
    directories: BTreeMap<&'a str, String>,
    /// The processes that became the programs.
    starters: Vec<&'a str>,
    connections: BTreeSet<(IpAddr, u16)>,
    /// Files that may have been created, and those that were: they did not exist before.
    made: BTreeMap<String, bool>,
    names: BTreeMap<IpAddr, String>,
    looked_up: BTreeSet<String>,
    /// Descriptors of sockets that are connected to a name server.
    resolvers: BTreeSet<String>,
}

impl<'a> Collected<'a> {
    fn add(&mut self, call: &Call<'a>) {
        if let Some((directory, _)) = call.arguments.split_once("AT_FDCWD<").and_then(|(_, rest)| rest.split_once('>'))
        {
            self.directories.insert(call.process, directory.to_owned());
        }
        let is_first = *self.first.get_or_insert(call.process) == call.process;
        match call.name {
            "execve" if call.succeeded() => {
                let Some((_, program)) = strings(&call.arguments).into_iter().next() else { return };
                let at = (call.time.parse::<f64>().unwrap_or_default() - self.started).max(0.0);
                self.starters.push(call.process);
                self.observed.programs.push(StartedProgram {
                    program: text(&program),
                    at: u64::try_from(Duration::from_secs_f64(at).as_micros()).unwrap_or(u64::MAX),
                    is_server: is_first,
                });
            }
            "open" | "openat" | "openat2" | "creat" if call.succeeded() => self.opened(call),
            "rename" | "renameat" | "renameat2" if call.succeeded() => {
                let mut paths = self.paths(call).into_iter();
                let (from, to) = (paths.next(), paths.next());
                // A file that was made to take the place of another one.
                match from {
                    Some(from) if self.made.contains_key(&from) => self.forget(&from),
                    from => self.observed.written.extend(from),
                }
                self.observed.written.extend(to);
            }
            "unlink" | "unlinkat" if call.succeeded() => {
                for path in self.paths(call) {
                    match self.made.get(&path) {
                        Some(true) => self.forget(&path),
                        _ => drop(self.observed.written.insert(path)),
                    }
                }
            }
            "link" | "linkat" | "symlink" | "symlinkat" if call.succeeded() => {
                self.observed.written.extend(self.paths(call).pop());
            }
            "mkdir" | "mkdirat" | "rmdir" | "truncate" if call.succeeded() => {
                self.observed.written.extend(self.paths(call));
            }
            "connect" => self.connected(call),
            "bind" if call.succeeded() => {
                if let Some((address, port)) = address(&call.arguments).filter(|(_, port)| *port != 0) {
                    self.observed.listens.insert(format!("{address} port {port}"));
                }
            }
            "sendto" | "sendmsg" | "sendmmsg" | "recvfrom" | "recvmsg" => self.exchanged(call),
            _ => {}
        }
    }

    fn opened(&mut self, call: &Call<'_>) {
        let Some(path) = call.result_path().map(str::to_owned).or_else(|| self.paths(call).into_iter().next()) else {
            return;
        };
        let flags = call.arguments.rsplit('"').next().unwrap_or_default();
        let writes = call.name == "creat"
            || ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| flags.contains(flag));
        let name = path.rsplit('/').next().unwrap_or_default();
        if writes {
            if flags.contains("O_CREAT") {
                let is_new = self.made.entry(path.clone()).or_default();
                *is_new |= flags.contains("O_EXCL");
            }
            self.observed.written.insert(path);
        } else if flags.contains("O_DIRECTORY") {
            // Marked, because nothing else tells a directory from a file.
            self.observed.read.insert(format!("{}/", path.trim_end_matches('/')));
        } else if name.ends_with(".so") || name.contains(".so.") || name.ends_with(".node") {
            self.observed.libraries.insert(path);
        } else {
            self.observed.read.insert(path);
        }
    }

    /// Returns the paths among arguments, absolute if the trace shows what they are relative to.
    fn paths(&self, call: &Call<'_>) -> Vec<String> {
        let of = |(before, path): (&str, Vec<u8>)| {
            let path = text(&path);
            if path.starts_with('/') {
                return Some(path);
            }
            let named = before.trim_end_matches([',', ' ']).strip_suffix('>').and_then(|base| base.rsplit('<').next());
            let base = named.or_else(|| self.directories.get(call.process).map(String::as_str))?;
            base.starts_with('/').then(|| format!("{}/{path}", base.trim_end_matches('/')))
        };
        strings(&call.arguments).into_iter().filter_map(of).collect()
    }

    /// Leaves out a file that is gone again.
    fn forget(&mut self, path: &str) {
        self.made.remove(path);
        self.observed.written.remove(path);
    }

    fn connected(&mut self, call: &Call<'_>) {
        match address(&call.arguments) {
            Some((_, NAME_SERVICE)) => {
                self.resolvers.extend(descriptor(&call.arguments));
            }
            // A socket without a port is connected to find out its own address.
            Some((_, 0)) | None => {}
            Some(found) => {
                self.connections.insert(found);
            }
        }
    }

    fn exchanged(&mut self, call: &Call<'_>) {
        let is_known = descriptor(&call.arguments).is_some_and(|socket| self.resolvers.contains(&socket));
        if !is_known && !call.arguments.contains("htons(53)") {
            return;
        }
        for lookup in strings(&call.arguments).iter().filter_map(|(_, bytes)| dns::read(bytes)) {
            for address in lookup.addresses {
                self.names.insert(address, lookup.name.clone());
            }
            self.looked_up.insert(lookup.name);
        }
    }

    fn finish(mut self) -> Observed {
        // A program with a relative path is started before the first call that shows the directory.
        for (started, process) in self.observed.programs.iter_mut().zip(&self.starters) {
            if let (false, Some(directory)) = (started.program.starts_with('/'), self.directories.get(process)) {
                started.program =
                    format!("{}/{}", directory.trim_end_matches('/'), started.program.trim_start_matches("./"));
            }
        }
        let mut connected: BTreeSet<&String> = BTreeSet::new();
        for (address, port) in &self.connections {
            let host = self.names.get(address);
            connected.extend(host);
            self.observed.connections.push(Connection {
                host: host.cloned(),
                address: address.to_string(),
                port: *port,
            });
        }
        self.observed.looked_up = self.looked_up.iter().filter(|name| !connected.contains(name)).cloned().collect();
        self.observed
    }
}

/// Returns the descriptor that a call is about.
fn descriptor(arguments: &str) -> Option<String> {
    let descriptor = arguments.split_once(',')?.0;
    descriptor.contains('<').then(|| descriptor.to_owned())
}

/// Returns the internet address and the port among arguments.
fn address(arguments: &str) -> Option<(IpAddr, u16)> {
    let after = |mark: &str| arguments.split_once(mark).map(|(_, rest)| rest);
    let port = after("_port=htons(")?.split(')').next()?.parse().ok()?;
    let quoted = after("inet_addr(\"").or_else(|| after("inet_pton(AF_INET6, \""))?;
    let address: IpAddr = quoted.split('"').next()?.parse().ok()?;
    Some((address.to_canonical(), port))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::read;
    use std::time::{Duration, SystemTime};

    const TRACE: &str = r#"21 1000.100000 execve("/usr/bin/python3", ["python3", "server.py"], 0x7ffc /* 20 vars */) = 0
21 1000.200000 openat(AT_FDCWD</srv>, "/usr/lib/libm.so.6", O_RDONLY|O_CLOEXEC) = 3</usr/lib/libm.so.6>
21 1000.300000 openat(AT_FDCWD</srv>, "data/notes.json", O_RDONLY|O_CLOEXEC) = 3</srv/data/notes.json>
21 1000.300000 openat(AT_FDCWD</srv>, "missing", O_RDONLY) = -1 ENOENT (No such file or directory)
21 1000.400000 openat(AT_FDCWD</srv>, "out.txt", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</srv/out.txt>
21 1000.400000 unlinkat(AT_FDCWD</srv>, "old.txt", 0) = 0
21 1000.410000 openat(AT_FDCWD</srv>, "data", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 3</srv/data>
21 1000.420000 openat(AT_FDCWD</srv>, "lock", O_RDWR|O_CREAT|O_EXCL, 0666) = 3</srv/lock>
21 1000.430000 unlinkat(AT_FDCWD</srv>, "lock", 0) = 0
21 1000.440000 openat(AT_FDCWD</srv>, "/srv/new.tmp", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</srv/new.tmp>
21 1000.450000 rename("new.tmp", "/srv/kept.txt") = 0
21 1000.460000 rename("/srv/there.txt", "/srv/gone.txt") = 0
21 1001.000000 connect(4<socket:[5]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, 16) = 0
21 1001.000000 sendmmsg(4<socket:[5]>, [{msg_hdr={msg_name=NULL, msg_iov=[{iov_base="R%\1\0\0\1\0\0\0\0\0\0\4pypi\3org\0\0\1\0\1", iov_len=26}]}}], 1, MSG_NOSIGNAL) = 1
21 1001.100000 recvfrom(4<socket:[5]>, "R%\201\200\0\1\0\1\0\0\0\0\4pypi\3org\0\0\1\0\1\300\f\0\1\0\1\0\0\0<\0\4\313\0qP", 65536, 0, NULL, NULL) = 42
21 1001.200000 connect(5<socket:[6]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("203.0.113.80")}, 16) = -1 EINPROGRESS (Operation now in progress)
21 1001.200000 connect(6<socket:[7]>, {sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0
22 1002.500000 execve("/usr/bin/git", ["git", "log"], 0x7ffc /* 20 vars */) = 0
23 1002.600000 execve("tools/run", ["tools/run"], 0x7ffc /* 20 vars */) = 0
23 1002.700000 openat(AT_FDCWD</srv>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
21 1003.000000 bind(7<socket:[8]>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
"#;

    #[test]
    fn collects_files_hosts_and_programs() {
        let observed = read(TRACE, SystemTime::UNIX_EPOCH + Duration::from_secs(1000));
        let list = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(list(&observed.read), "/srv/data/ /srv/data/notes.json");
        assert_eq!(list(&observed.written), "/srv/gone.txt /srv/kept.txt /srv/old.txt /srv/out.txt /srv/there.txt");
        assert_eq!(list(&observed.libraries), "/etc/ld.so.cache /usr/lib/libm.so.6");
        assert_eq!(list(&observed.listens), "127.0.0.1 port 9000");
        let hosts: Vec<_> = observed.connections.iter().map(|found| (found.host.as_deref(), found.port)).collect();
        assert_eq!(hosts, [(Some("pypi.org"), 443), (None, 8080)]);
        let git = &observed.programs[1];
        assert_eq!((git.program.as_str(), git.at, git.is_server), ("/usr/bin/git", 2_500_000, false));
        assert_eq!(observed.programs[2].program, "/srv/tools/run");
        assert!(observed.programs[0].is_server && observed.looked_up.is_empty());
    }
}

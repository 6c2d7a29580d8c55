"""The programs: what they are started with, and the work that keeps their C code busy meanwhile."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Program:
    """One program of Debian. All text is shell; it runs inside the program's root unless it says otherwise."""

    package: str
    suite: str
    command: str
    c_code: str
    """The C that it really calls."""
    further: tuple = ()
    """Packages that it does not depend on and is used with."""
    prepare: str = ":"
    ready: str = "true"
    """Succeeds when it has begun its work."""
    load: str = ""
    """Run again and again while it is looked at."""
    dump: str = ""
    """How the runtime's own dump is had: "quit" by SIGQUIT, which ends it, or an URL."""

    @property
    def name(self):
        return f"{self.package} ({self.suite})"


GOCRYPTFS_PREPARE = "mkdir /work/c /work/m; echo secret > /work/p; gocryptfs -init -q -scryptn 10 -passfile /work/p /work/c"
GOCRYPTFS_COMMAND = "gocryptfs -fg -openssl=true -passfile /work/p /work/c /work/m"
GOCRYPTFS_LOAD = "head -c 48M /dev/zero > /work/m/f; cat /work/m/f > /dev/null; rm /work/m/f"

# Its own database, no server that it would report to, and one log that it watches.
CROWDSEC_PREPARE = """
mkdir -p /var/lib/crowdsec/data /var/lib/crowdsec/hub /etc/crowdsec/hub
echo '{}' > /var/lib/crowdsec/hub/.index.json
sed -i 's/daemonize: true/daemonize: false/; s/log_media: file/log_media: stdout/; /online_client/d; /online_api/d' /etc/crowdsec/config.yaml
echo 'filenames: [/work/auth.log]
labels: {type: syslog}' > /etc/crowdsec/acquis.yaml
touch /work/auth.log
cscli --error machines add --auto --force
cscli --error bouncers add bench --key 0123456789abcdef
"""

# A key whose passphrase is asked for by a program that never answers: the signer waits for it inside gpgme.
SKOPEO_PREPARE = """
mkdir -m 700 /work/.gnupg
printf '#!/bin/sh\\nexec sleep 1000\\n' > /work/pinentry; chmod 755 /work/pinentry
echo 'pinentry-program /work/pinentry' > /work/.gnupg/gpg-agent.conf
gpg --batch --quiet --pinentry-mode loopback --passphrase secret --quick-generate-key bench@localhost rsa2048 sign never
gpgconf --kill gpg-agent
echo '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{},"layers":[]}' > /work/manifest.json
"""

ALL = (
    Program(
        "gocryptfs", "bookworm", GOCRYPTFS_COMMAND, "OpenSSL", further=("fuse3",), prepare=GOCRYPTFS_PREPARE,
        ready="mountpoint -q /work/m || grep -q /work/m /proc/self/mounts", load=GOCRYPTFS_LOAD, dump="quit"),
    Program(
        "gocryptfs", "trixie", GOCRYPTFS_COMMAND, "OpenSSL", further=("fuse3",), prepare=GOCRYPTFS_PREPARE,
        ready="grep -q /work/m /proc/self/mounts", load=GOCRYPTFS_LOAD, dump="quit"),
    Program(
        "crowdsec", "bookworm", "crowdsec -no-cs -c /etc/crowdsec/config.yaml", "SQLite", further=("curl",), prepare=CROWDSEC_PREPARE,
        ready="curl -sf -o /dev/null -H 'X-Api-Key: 0123456789abcdef' http://127.0.0.1:8080/v1/decisions",
        load="cscli --error decisions add --ip 10.0.0.$(($$ % 250)); curl -s -o /dev/null -H 'X-Api-Key: 0123456789abcdef' "
        "'http://127.0.0.1:8080/v1/decisions/stream?startup=true'",
        dump="http://127.0.0.1:6060/debug/pprof/goroutine?debug=2"),
    Program(
        "lxd", "bookworm", "lxd", "dqlite, raft, libuv, SQLite, liblxc", further=("curl", "iproute2", "gzip"),
        prepare="mkdir -p /var/lib/lxd/database /var/log/lxd",
        ready="curl -sf -o /dev/null --unix-socket /var/lib/lxd/unix.socket -X PATCH "
        "-d '{\"config\":{\"core.debug_address\":\"127.0.0.1:6060\"}}' http://x/1.0",
        load="curl -s -o /dev/null --unix-socket /var/lib/lxd/unix.socket 'http://x/1.0/profiles?recursion=1'; "
        "curl -s -o /dev/null --unix-socket /var/lib/lxd/unix.socket -X POST -d '{\"name\":\"p'$$'\"}' http://x/1.0/profiles",
        dump="http://127.0.0.1:6060/debug/pprof/goroutine?debug=2"),
    Program(
        "soju", "trixie", "soju -config /work/soju.conf", "SQLite",
        prepare="printf 'listen irc+insecure://127.0.0.1:6667\\nlisten unix+admin:///work/admin\\ndb sqlite3 /work/soju.db\\n"
        "message-store db\\n' > /work/soju.conf; echo secret | sojudb -config /work/soju.conf create-user bench -admin",
        ready="test -S /work/admin",
        load="sojuctl -config /work/soju.conf user create -username u$$ -password secret > /dev/null; "
        "sojuctl -config /work/soju.conf server status > /dev/null",
        dump="quit"),
    Program(
        "skopeo", "bookworm", "skopeo standalone-sign /work/manifest.json localhost/bench bench@localhost -o /work/signature", "GPGME",
        further=("gnupg",), prepare=SKOPEO_PREPARE, ready="test -e /work/pinentry", dump="quit"),
    Program(
        "prometheus", "bookworm",
        "prometheus --config.file=/work/p.yml --storage.tsdb.path=/work/d --web.listen-address=127.0.0.1:9090", "only the C library's resolver",
        further=("curl",),
        prepare="echo 'scrape_configs: [{job_name: self, scrape_interval: 1s, static_configs: [{targets: [\"localhost:9090\"]}]}]' > /work/p.yml",
        ready="curl -sf -o /dev/null http://127.0.0.1:9090/-/ready",
        load="curl -s -o /dev/null 'http://127.0.0.1:9090/api/v1/query?query=rate(go_gc_duration_seconds_count[1m])'",
        dump="http://127.0.0.1:9090/debug/pprof/goroutine?debug=2"),
)

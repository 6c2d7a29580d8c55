using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Tests.Analysis.Stacks;

/// <summary>A service in trouble: goroutines pile up behind a lock in C, and behind them others that wait for their answers.</summary>
internal static class LedgerReport
{
    private static readonly string[] CgoCall =
    [
        "~go  runtime.asmcgocall  ledger  /usr/local/go/src/runtime/asm_amd64.s:923",
        "~go  runtime.cgocall  ledger  /usr/local/go/src/runtime/cgocall.go:167",
        "~go  main._Cfunc_lib_flush  ledger  _cgo_gotypes.go:71",
    ];

    private static readonly string[] Parked =
    [
        "~go  runtime.gopark  ledger  /usr/local/go/src/runtime/proc.go:435",
    ];

    private static readonly string Root = "~go  runtime.goexit  ledger  /usr/local/go/src/runtime/asm_amd64.s:1700";

    public static StacksReport Build()
    {
        var forged = new ForgedReport
        {
            Scheduler = new ReportScheduler(
                4,
                [new(0, "running", 3, 48215), new(1, "running", 0, 48216), new(2, "idle", 0, null), new(3, "syscall", 12, 48230)],
                2, 3, 37, 2, 1, 35, false),
        };
        AddGoroutinesBehindTheLock(forged);
        AddCallbacks(forged);
        AddBlocked(forged);
        AddRunning(forged);
        AddThreads(forged);
        forged.Gap("symbols", "debug-info-missing", "libcrypto.so.3 has no line tables: its frames show functions without lines (install its debug package, or set DEBUGINFOD_URLS).");
        forged.Gap("unwind", "no-unwind-info", "Code of no file is on 1 stack, and nothing describes its frames.", 0x7f31_2000_1040);
        StacksReport report = forged.Build();
        return report with { Quality = report.Quality with { Disagreements = 1 } };
    }

    private static void AddGoroutinesBehindTheLock(ForgedReport forged)
    {
        var creator = new ReportCreator("main.(*Pool).Start", "/srv/ledger/src/internal/pool/pool.go", 29, 1);
        for (int i = 0; i < 35; i++)
        {
            int stack = forged.Stack(
            [
                "c  futex_wait  libc.so.6  ./nptl/../sysdeps/nptl/futex-internal.h:146",
                "^c  __lll_lock_wait  libc.so.6  ./nptl/lowlevellock.c:49",
                "c  pthread_mutex_lock  libc.so.6  ./nptl/pthread_mutex_lock.c:93",
                "c  lib_flush  libledger.so.2  /build/ledger-2.4/lib/flush.c:88",
                .. CgoCall,
                "go  github.com/acme/ledger/internal/store.(*Store).Flush.func1  ledger  /srv/ledger/src/internal/store/flush.go:214",
                "go  github.com/acme/ledger/internal/store.(*Store).Flush  ledger  /srv/ledger/src/internal/store/flush.go:201",
                "go  main.(*Pool).work  ledger  /srv/ledger/src/internal/pool/pool.go:63",
                Root,
            ]);
            ReportTask task = forged.Task(100 + (3 * i), stack, "syscall", null, 180 + (i * 22));
            forged.Add(task with
            {
                Thread = 48300 + i,
                IsInC = true,
                CreatedBy = creator,
                Labels = [new("tenant", "acme"), new("shard", (i % 4).ToString())],
            });
            forged.Thread(48300 + i, stack, ThreadKind.InC, task: 100 + (3 * i));
        }
    }

    private static void AddCallbacks(ForgedReport forged)
    {
        var walk = new List<string>();
        for (int i = 0; i < 18; i++)
        {
            walk.Add("c++  json::Walker<json::Node, std::allocator<json::Node> >::visit(json::Node const&, int)  libjson.so.1  /build/json/walker.cc:51");
            walk.Add("c++  json::descend(json::Node const&)  libjson.so.1  /build/json/walker.cc:88");
        }

        int stack = forged.Stack(
        [
            "c  ?  libcrypto.so.3",
            "c  EVP_DigestFinal_ex  libcrypto.so.3",
            "~go  runtime.asmcgocall  ledger  /usr/local/go/src/runtime/asm_amd64.s:923",
            "~go  runtime.cgocall  ledger  /usr/local/go/src/runtime/cgocall.go:167",
            "go  main.goVisit  ledger  /srv/ledger/src/cmd/ledger/visit.go:19",
            "~go  runtime.cgocallback  ledger  /usr/local/go/src/runtime/asm_amd64.s:1082",
            "~go  crosscall2  ledger  /usr/local/go/src/runtime/cgo/asm_amd64.s:43",
            .. walk,
            "rust  json_ffi::walk  libjson.so.1  /build/json/ffi/src/lib.rs:12",
            "~go  runtime.asmcgocall  ledger  /usr/local/go/src/runtime/asm_amd64.s:923",
            "~go  runtime.cgocall  ledger  /usr/local/go/src/runtime/cgocall.go:167",
            "go  main.index  ledger  /srv/ledger/src/cmd/ledger/index.go:140",
            "go  main.main  ledger  /srv/ledger/src/cmd/ledger/main.go:77",
            "~go  runtime.main  ledger  /usr/local/go/src/runtime/proc.go:283",
            Root,
        ]);
        ReportTask task = forged.Task(1, stack, "syscall");
        forged.Add(task with { Thread = 48213, LockedThread = 48213, IsInC = true, Consistency = Consistency.PossiblyTorn });
        forged.Thread(48213, stack, ThreadKind.InC, state: 'R', task: 1);
        int torn = forged.Stack(
            StackEnd.NoUnwindInfo,
            null,
            "c  ?",
            "c  jit_entry  libjit.so  /build/jit/entry.c:310");
        forged.Add(forged.Task(77, torn, "syscall") with { Thread = 48214, IsInC = true });
        forged.Thread(48214, torn, ThreadKind.InC, task: 77);
    }

    private static void AddBlocked(ForgedReport forged)
    {
        int receive = forged.Stack(
            [.. Parked, "~go  runtime.chanrecv1  ledger  /usr/local/go/src/runtime/chan.go:489", "go  net/http.(*http2serverConn).serve  ledger  /usr/local/go/src/net/http/h2_bundle.go:4872", "go  net/http.(*conn).serve  ledger  /usr/local/go/src/net/http/server.go:2042", Root]);
        for (int i = 0; i < 1100; i++)
        {
            forged.Add(forged.Task(2000 + i, receive, "waiting", "chan receive", i % 2 == 0 ? null : 120 + i) with
            {
                CreatedBy = new ReportCreator("net/http.(*Server).Serve", "/usr/local/go/src/net/http/server.go", 3454, 12),
            });
        }

        int mutex = forged.Stack([.. Parked, "^go  sync.(*Mutex).Lock  ledger  /usr/local/go/src/sync/mutex.go:46", "go  main.(*Book).Balance  ledger  /srv/ledger/src/cmd/ledger/book.go:31", Root]);
        for (int i = 0; i < 50; i++)
        {
            forged.Task(4000 + i, mutex, "waiting", "sync.Mutex.Lock", 60);
        }

        int select = forged.Stack([.. Parked, "~go  runtime.selectgo  ledger  /usr/local/go/src/runtime/select.go:351", "go  main.tick  ledger  /srv/ledger/src/cmd/ledger/tick.go:9", Root]);
        forged.Task(12, select, "waiting", "select");
    }

    private static void AddRunning(ForgedReport forged)
    {
        int run = forged.Stack("^go  main.sum  ledger  /srv/ledger/src/cmd/ledger/sum.go:12", "go  main.report  ledger  /srv/ledger/src/cmd/ledger/report.go:55", Root);
        for (int i = 0; i < 2; i++)
        {
            forged.Add(forged.Task(5000 + i, run, "running") with { Thread = 48215 + i, Consistency = Consistency.Exact });
            forged.Thread(48215 + i, run, state: 'R', task: 5000 + i);
        }

        int ready = forged.Stack("go  main.report.func2  ledger  /srv/ledger/src/cmd/ledger/report.go:61", Root);
        forged.Task(5010, ready, "runnable");
        int system = forged.Stack([.. Parked, "go  runtime.bgsweep  ledger  /usr/local/go/src/runtime/mgcsweep.go:276", Root]);
        forged.Add(forged.Task(3, system, "waiting", "GC sweep wait") with { IsSystem = true });
        forged.Add(forged.Task(4, system, "waiting", "GC scavenge wait") with { IsSystem = true });
    }

    private static void AddThreads(ForgedReport forged)
    {
        int idle = forged.Stack("go  runtime.futex  ledger  /usr/local/go/src/runtime/sys_linux_amd64.s:557", "go  runtime.stopm  ledger  /usr/local/go/src/runtime/proc.go:2894", "go  runtime.mstart  ledger  /usr/local/go/src/runtime/asm_amd64.s:395");
        forged.Thread(48220, idle, idle: true);
        forged.Thread(48221, idle, idle: true);
        int poll = forged.Stack("c  __poll  libc.so.6  ./io/../sysdeps/unix/sysv/linux/poll.c:29", "c  pq_wait  libpq.so.5", "c  start_thread  libc.so.6  ./nptl/pthread_create.c:442", "c  clone3  libc.so.6  ../sysdeps/unix/sysv/linux/x86_64/clone3.S:81");
        for (int i = 0; i < 4; i++)
        {
            forged.Thread(48240 + i, poll, ThreadKind.Foreign, "pq-worker-" + i);
        }

        int sysmon = forged.Stack("go  runtime.usleep  ledger  /usr/local/go/src/runtime/sys_linux_amd64.s:135", "go  runtime.sysmon  ledger  /usr/local/go/src/runtime/proc.go:6115");
        forged.Thread(48218, sysmon);
    }
}

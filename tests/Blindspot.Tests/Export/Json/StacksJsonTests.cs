using System.Text;
using System.Text.Json;
using Blindspot.Analysis.Stacks;
using Blindspot.Export.Json;
using Blindspot.Model;
using Blindspot.Target;
using Blindspot.Tests.Analysis.Stacks;

namespace Blindspot.Tests.Export.Json;

public sealed class StacksJsonTests
{
    [Fact]
    public void TheWholeSchema()
    {
        var forged = new ForgedReport
        {
            Scheduler = new ReportScheduler(8, [new(0, "running", 3, 4711)], 2, 1, 2, 3, 4, 5, true),
            Quality = new UnwindQuality(9, 8, 1),
        };
        int stack = forged.Stack(StackEnd.NoUnwindInfo, "because", "^c  lib_flush  libx.so  x.c:88", "go  main.main");
        forged.Add(forged.Task(7, stack, "syscall", "chan receive", 1.5) with
        {
            Thread = 4711,
            LockedThread = 4712,
            IsInC = true,
            CreatedBy = new ReportCreator("main.start", "main.go", 3, 1),
            Labels = [new("k", "v")],
            Consistency = Consistency.PossiblyTorn,
        });
        forged.Thread(4711, stack, ThreadKind.ForeignInRuntime, "name", 'D', task: 7);
        forged.Gap("unwind", "kind", "message", 0xdeadbeef);
        const string Expected = """
            {"schema":"blindspot.stacks/1",
            "target":{"pid":48213,"executable":"/srv/ledger/bin/ledger","core":null,"runtime":{"kind":"go","version":"go1.27.4"},
              "snapshot":{"how":"watch","threadsStopped":0,"longestStopMs":0,"elapsedMs":41.3},"saved":null},
            "frames":[
              {"function":"lib_flush","module":"libx.so","modulePath":"/lib/libx.so","moduleOffset":"0x1000","file":"x.c","line":88,
               "language":"c","inlined":true,"address":"0x401000","foundBy":"cfi"},
              {"function":"main.main","module":null,"modulePath":null,"moduleOffset":null,"file":null,"line":null,
               "language":"go","inlined":false,"address":"0x401010","foundBy":"cfi"}],
            "stacks":[{"end":"no-unwind-info","endDetail":"because","frames":[0,1]}],
            "threads":[{"tid":4711,"innerTid":-43289,"name":"name","kind":"foreign-in-runtime","state":"D","task":7,"lockedTask":null,
              "idle":false,"userSeconds":1.25,"systemSeconds":0.5,"blocked":"0x4000000","consistency":"still","stack":0}],
            "tasks":[{"id":7,"kind":"goroutine","runtime":null,"status":"syscall","waitReason":"chan receive","waitSeconds":1.5,"thread":4711,
              "lockedThread":4712,"inC":true,"system":false,
              "createdBy":{"function":"main.start","file":"main.go","line":3,"task":1},"labels":{"k":"v"},
              "consistency":"possibly-torn","stack":0}],
            "scheduler":{"gomaxprocs":8,"ps":[{"id":0,"status":"running","runQueue":3,"thread":4711}],"runQueue":2,
              "threadsRunning":1,"threadsInC":2,"threadsIdle":3,"threadsLocked":4,"threadsBlockedInC":5,"stopTheWorldPending":true},
            "quality":{"stacks":9,"complete":8,"disagreements":1},
            "gaps":[{"stage":"unwind","kind":"kind","address":"0xdeadbeef","message":"message"}]}
            """;
        using JsonDocument expected = JsonDocument.Parse(Expected);
        Assert.Equal(JsonSerializer.Serialize(expected.RootElement), JsonSerializer.Serialize(Parse(forged.Build())));
    }

    [Fact]
    public void WhatIsUnknownIsNull()
    {
        var forged = new ForgedReport { RuntimeKind = null, Executable = null };
        int stack = forged.Stack("c  ?");
        forged.Add(forged.Task(1, stack, seconds: double.NaN));
        forged.Add(forged.Thread(1, stack) with { UserTime = null, SystemTime = null, BlockedSignals = null });
        forged.Gap("target", "x", "y");
        StacksReport report = forged.Build();
        JsonElement json = Parse(report with { Target = report.Target with { Pid = null } });
        JsonElement target = json.GetProperty("target");
        JsonElement thread = json.GetProperty("threads")[0];
        JsonElement[] unknown =
        [
            target.GetProperty("pid"), target.GetProperty("executable"), target.GetProperty("runtime"),
            json.GetProperty("scheduler"), json.GetProperty("frames")[0].GetProperty("function"),
            thread.GetProperty("userSeconds"), thread.GetProperty("systemSeconds"), thread.GetProperty("blocked"),
            json.GetProperty("tasks")[0].GetProperty("waitSeconds"), json.GetProperty("tasks")[0].GetProperty("createdBy"),
            json.GetProperty("gaps")[0].GetProperty("address"),
        ];
        Assert.All(unknown, static element => Assert.Equal(JsonValueKind.Null, element.ValueKind));
    }

    [Theory]
    [InlineData("quote\" backslash\\ tab\t newline\n nul\0 escape\x1b del\x7f c1\x9b")]
    [InlineData("std::vector<int>::operator=(\u00e9\u4e2d\U0001f600 & '+')")]
    [InlineData("\u202egnp.exe \u2028 \u2029 \ufeff")]
    [InlineData("")]
    public void StringsComeBackAsTheyWere(string hostile)
    {
        (byte[] bytes, JsonElement json) = WriteHostile(hostile);
        Assert.Equal(hostile, json.GetProperty("frames")[0].GetProperty("function").GetString());
        Assert.Equal(hostile, json.GetProperty("tasks")[0].GetProperty("labels").EnumerateObject().Single().Value.GetString());
        Assert.DoesNotContain(bytes, static b => b < ' ' && b != '\n');
        Assert.Equal((byte)'\n', bytes[^1]);
    }

    [Fact]
    public void BrokenUtf16IsMended()
    {
        // Not as InlineData: attributes are kept as UTF-8, which has no lone surrogates.
        (string Hostile, string Mended)[] cases =
        [
            ("a\ud800b", "a\ufffdb"),
            ("\udc00\ud800", "\ufffd\ufffd"),
            ("\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        ];
        foreach ((string hostile, string mended) in cases)
        {
            (byte[] bytes, JsonElement json) = WriteHostile(hostile);
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            Assert.Equal(mended, json.GetProperty("frames")[0].GetProperty("function").GetString());
        }
    }

    [Fact]
    public void LongNamesAreBounded()
    {
        (_, JsonElement json) = WriteHostile(new string('x', 1_000_000));
        Assert.Equal(4097, json.GetProperty("frames")[0].GetProperty("function").GetString()!.Length);
    }

    [Fact]
    public void EqualLabelsAreWrittenOnce()
    {
        var forged = new ForgedReport();
        forged.Add(forged.Task(1, forged.Stack("go  a")) with { Labels = [new("k", "first"), new("k", "second"), new("l", "third")] });
        JsonElement labels = Parse(forged.Build()).GetProperty("tasks")[0].GetProperty("labels");
        Assert.Equal(["k=first", "l=third"], labels.EnumerateObject().Select(static label => label.Name + "=" + label.Value));
    }

    [Fact]
    public void MemoryDoesNotGrowWithTheReport()
    {
        var forged = new ForgedReport();
        int stack = forged.Stack("go  main.work  ledger  work.go:1");
        for (int i = 1; i <= 20_000; i++)
        {
            forged.Task(i, stack, "waiting", "chan receive", 60);
        }

        StacksReport report = forged.Build();
        StacksJson.Write(report, Stream.Null, TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();
        StacksJson.Write(report, Stream.Null, TestContext.Current.CancellationToken);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 2 * 1024 * 1024, $"{allocated} bytes for a document of some 5 MB");
    }

    [Fact]
    public void ItCanBeCalledOff()
    {
        var forged = new ForgedReport();
        int stack = forged.Stack("go  main.work");
        for (int i = 1; i <= 2000; i++)
        {
            forged.Task(i, stack);
        }

        Assert.Throws<OperationCanceledException>(() => StacksJson.Write(forged.Build(), Stream.Null, new CancellationToken(true)));
    }

    private static (byte[] Bytes, JsonElement Json) WriteHostile(string hostile)
    {
        var forged = new ForgedReport { Executable = hostile };
        int frame = forged.Frame(new(hostile, hostile, hostile, 0, hostile, 1, false, "c", false));
        int stack = forged.Stack(StackEnd.NotInCode, hostile);
        forged.Add(forged.Task(1, stack, hostile, hostile) with { Labels = [new(hostile, hostile)] });
        forged.Thread(1, stack, name: hostile, state: hostile.Length > 0 ? hostile[0] : '\ud800');
        forged.Gap(hostile, hostile, hostile);
        Assert.Equal(0, frame);
        return (Write(forged.Build()), Parse(forged.Build()));
    }

    private static byte[] Write(StacksReport report)
    {
        var stream = new MemoryStream();
        StacksJson.Write(report, stream, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    private static JsonElement Parse(StacksReport report)
    {
        using JsonDocument document = JsonDocument.Parse(Write(report));
        return document.RootElement.Clone();
    }
}

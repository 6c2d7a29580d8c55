using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Html;
using Blindspot.Tests.Analysis.Profiles;

namespace Blindspot.Tests.Export.Html;

/// <summary>The page in a browser: a script that is put behind it does what a user would, and notes what it sees.</summary>
public sealed partial class FlameGraphBrowserTests
{
    private const string User = """
        <script>
        addEventListener("load", () => setTimeout(async () => {
          const seen = {}, g = window.flamegraph, $ = id => document.getElementById(id);
          const sleep = ms => new Promise(done => setTimeout(done, ms));
          const view = $("view"), canvas = $("canvas");
          const at = (x, y) => { const r = canvas.getBoundingClientRect(); return { clientX: r.left + x, clientY: r.top + y, bubbles: true }; };
          const key = k => view.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true }));
          try {
            seen.summary = $("summary").textContent;
            seen.legend = $("legend").textContent;
            view.dispatchEvent(new PointerEvent("pointermove", at(20, 30)));
            seen.tip = $("tip").innerText; seen.tipShown = !$("tip").hidden;
            view.dispatchEvent(new MouseEvent("click", at(canvas.clientWidth - 3, 50)));
            seen.zoom = g.nameOf(g.zoom);
            key("Escape"); seen.reset = g.zoom;
            $("search").value = "libm"; $("search").dispatchEvent(new Event("input")); await sleep(300);
            seen.found = $("found").textContent;
            $("search").value = "/^main\\.w.*k$/"; $("search").dispatchEvent(new Event("input")); await sleep(300);
            seen.foundPattern = $("found").textContent;
            key("n"); seen.next = $("status").textContent;
            key("Enter"); seen.zoomByKey = g.nameOf(g.zoom);
            key("0");
            const before = document.documentElement.dataset.theme; key("t");
            seen.theme = before !== document.documentElement.dataset.theme;
            key("i"); view.dispatchEvent(new PointerEvent("pointermove", at(20, canvas.clientHeight - 30)));
            seen.flameTip = $("tip").innerText;
            key("0"); g.draw(); seen.drawn = g.drawn; seen.visited = g.visited;
            seen.boxes = g.count;
            seen.markup = document.querySelectorAll("img, b b, script").length;
          } catch (e) { seen.error = String(e); }
          const result = document.createElement("pre"); result.id = "result"; result.textContent = JSON.stringify(seen); document.body.append(result);
        }, 50));
        </script>
        """;

    [Fact]
    public void TooltipZoomSearchAndKeysWork()
    {
        Profile profile = new ForgedProfile()
            .Add("main.main@app main.work@app sqrt@/lib/libm.so.6", 30_000_000)
            .Add("main.main@app main.idle@app", 10_000_000)
            .Make();
        JsonElement seen = Use(profile, "<img src=x onerror=alert(1)>");
        Assert.False(seen.TryGetProperty("error", out JsonElement error), error.ToString());
        Assert.Contains("cpu 40 ms", seen.GetProperty("summary").GetString());
        Assert.Equal("C 75.0%Go 25.0%", seen.GetProperty("legend").GetString());
        Assert.True(seen.GetProperty("tipShown").GetBoolean());
        string tip = seen.GetProperty("tip").GetString()!;
        Assert.Contains("main.main", tip);
        Assert.Contains("/src/go/main.go:12", tip);
        Assert.Contains("100.0%", tip);
        Assert.Equal("main.idle", seen.GetProperty("zoom").GetString());
        Assert.Equal(0, seen.GetProperty("reset").GetInt32());
        Assert.Equal("75.0% found", seen.GetProperty("found").GetString());
        Assert.Equal("75.0% found", seen.GetProperty("foundPattern").GetString());
        Assert.Contains("main.work", seen.GetProperty("next").GetString());
        Assert.Equal("main.work", seen.GetProperty("zoomByKey").GetString());
        Assert.True(seen.GetProperty("theme").GetBoolean());
        Assert.Contains("main.main", seen.GetProperty("flameTip").GetString());
        Assert.Equal(3, seen.GetProperty("markup").GetInt32());
    }

    [Fact]
    public void OfAHundredThousandStacksOnlyWhatCanBeSeenIsDrawn()
    {
        var random = new Random(7);
        ProfileLocation[] locations =
        [
            .. Enumerable.Range(0, 2000).Select(static i => new ProfileLocation(
                new(0x1000 + (ulong)i), -1, [new ProfileLine($"main.function{i}", $"main.function{i}", $"/src/file{i}.go", 1, 2, i % 3 == 0 ? "c" : "go", false)])),
        ];
        ProfileSample[] samples =
        [
            .. Enumerable.Range(0, 100_000).Select(_ => new ProfileSample(
                [.. Enumerable.Range(0, 20).Select(depth => depth > 12 ? depth : random.Next(2000))], [random.Next(1, 50) * 1_000_000L], [])),
        ];
        var profile = new Profile { ValueTypes = [new("cpu", "nanoseconds")], Mappings = [], Locations = locations, Samples = samples };
        JsonElement seen = Use(profile, "many");
        Assert.False(seen.TryGetProperty("error", out JsonElement error), error.ToString());
        Assert.InRange(seen.GetProperty("boxes").GetInt32(), 100_000, 3_000_000);
        Assert.InRange(seen.GetProperty("drawn").GetInt32(), 20, 40 * 1200);
        Assert.InRange(seen.GetProperty("visited").GetInt32(), 20, 60_000);
    }

    private static JsonElement Use(Profile profile, string title)
    {
        string chromium = ExternalTool.Find("chromium");
        string directory = Directory.CreateTempSubdirectory("blindspot-page-").FullName;
        try
        {
            using var stream = new MemoryStream();
            FlameGraphPage.Write(ProfileTree.Of(profile), title, [], stream, TestContext.Current.CancellationToken);
            string file = Path.Combine(directory, "page.html");
            File.WriteAllText(file, Encoding.UTF8.GetString(stream.ToArray()).Replace("</body>", User + "</body>"));
            string dom = ExternalTool.Run(
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,800", "--timeout=60000", "--virtual-time-budget=20000",
                "--user-data-dir=" + Path.Combine(directory, "profile"), "--dump-dom", "file://" + file);
            Match result = Result().Match(dom);
            Assert.True(result.Success, "the page did not get to its end");
            return JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(result.Groups[1].Value)).RootElement;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [GeneratedRegex("<pre id=\"result\">(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Result();
}

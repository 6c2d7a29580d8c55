using System.Text.Json;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Commands;
using Blindspot.Primitives;
using Blindspot.Tests.Export.Pprof;

namespace Blindspot.Tests.Cli.Commands;

/// <summary>The command on profiles of a real program, whose C thread Go could not name.</summary>
public sealed class PprofCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("blindspot-tests");

    private string Output => Path.Combine(_directory.FullName, "report");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.27")]
    public void FramesOfCGetNamesAndInlinedCalls(string go)
    {
        string cpu = Path.Combine(ProfiledProgram.Profiles(go), "cpu.pb.gz");
        Profile before = Parse(cpu);
        Assert.True(ProfileBlindness.Of(before, 1).Nameless > 0, "Go named all of C");
        Assert.Equal(0, Run("pprof", cpu, "-o", Output + ".pb.gz"));
        Profile after = Parse(Output + ".pb.gz");
        ProfileBlindness blindness = ProfileBlindness.Of(after, 1);
        Assert.True(blindness.ShareOf(blindness.Nameless) < 0.01);
        Assert.Equal(ProfileBlindness.Of(before, 1).Total, blindness.Total);
        Assert.Contains(after.Locations, static location => location.Lines is [{ Function: "burn_inner", Language: "c", Line: > 0 }, { Function: "burn_outer", Line: > 0 }, ..]);
        ProfileMapping library = Assert.Single(after.Mappings, static mapping => mapping.File.EndsWith("/libburn.so", StringComparison.Ordinal));
        Assert.True(library is { HasFunctions: true, HasLineNumbers: true, HasInlineFrames: true });

        // Go's own pprof shows them too, and needs no file for it.
        Assert.Contains("burn_inner", ProfiledProgram.GoToolPprof("-symbolize=none", "-top", Output + ".pb.gz"));
    }

    [Fact]
    public void TextAndJsonTellTheSame()
    {
        string cpu = Path.Combine(ProfiledProgram.Profiles("1.27"), "cpu.pb.gz");
        Assert.Equal(0, Run("pprof", cpu, "-o", Output));
        string text = File.ReadAllText(Output);
        Assert.Contains("burn_inner", text);
        Assert.Contains("main.burnInGo", text);
        Assert.Contains("below runtime._ExternalCode", text);
        Assert.Equal(0, Run("pprof", cpu, cpu, "--json", "-o", Output));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Output));
        Assert.Equal("blindspot.pprof/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("sources").GetArrayLength());
        Assert.Equal(2 * ProfileBlindness.Of(Parse(cpu), 1).Total, json.RootElement.GetProperty("blindness").GetProperty("total").GetInt64());
        Assert.Contains(json.RootElement.GetProperty("functions").EnumerateArray(), static function => function.GetProperty("function").GetString() == "burn_inner");
    }

    [Fact]
    public void AFileOfAnotherBuildIsNotUsed()
    {
        string cpu = Path.Combine(ProfiledProgram.Profiles("1.27"), "cpu.pb.gz");
        Profile profile = Parse(cpu);
        Profile other = profile with
        {
            Mappings = [.. profile.Mappings.Select(static mapping => mapping.BuildId.Length > 0 ? mapping with { BuildId = "00" + mapping.BuildId[2..] } : mapping)],
        };
        File.WriteAllBytes(Output + ".pb", ForgedProfile.Write(other));
        Assert.Equal(0, Run("pprof", Output + ".pb", "--json", "-o", Output));
        string json = File.ReadAllText(Output);
        Assert.DoesNotContain("burn_inner", json);
        Assert.Contains("\"file-mismatch\"", json);
        Assert.Contains("\"R13\"", json);
    }

    [Fact]
    public void AnotherValueIsShownWhenAskedFor()
    {
        string heap = Path.Combine(ProfiledProgram.Profiles("1.27"), "heap.pb.gz");
        Assert.Equal(0, Run("pprof", heap, "--value", "alloc_objects", "-o", Output));
        Assert.Contains("alloc_objects", File.ReadAllText(Output));
        Assert.Equal(2, Run("pprof", heap, "--value", "nonsense", "-o", Output));
    }

    [Theory]
    [InlineData("goroutine profile: total 3\n1 @ 0x1\n", "is a text")]
    [InlineData("", "is empty")]
    [InlineData("\x0a\x7f\x01", "no profile in pprof's format")]
    public void WhatIsNoProfileIsToldInASentence(string contents, string expected)
    {
        string path = Path.Combine(_directory.FullName, "x");
        File.WriteAllText(path, contents);
        var request = new PprofRequest([path], null, TimeSpan.FromSeconds(1), [], DebugFileRequest.Default);
        BlindspotException refused = Assert.Throws<BlindspotException>(() => PprofPipeline.Run(request, new Progress<string>(), CancellationToken.None));
        Assert.Contains(expected, refused.Message);
    }

    [Fact]
    public void ProfilesThatCountDifferentThingsAreNotMerged()
    {
        string directory = ProfiledProgram.Profiles("1.27");
        var request = new PprofRequest(
            [Path.Combine(directory, "cpu.pb.gz"), Path.Combine(directory, "heap.pb.gz")], null, TimeSpan.FromSeconds(1), [], DebugFileRequest.Default);
        BlindspotException refused = Assert.Throws<BlindspotException>(() => PprofPipeline.Run(request, new Progress<string>(), CancellationToken.None));
        Assert.Contains("counts samples in count, cpu in nanoseconds, but", refused.Message);
    }

    [Fact]
    public async Task AnAddressGivesAProfile()
    {
        byte[] profile = ForgedProfile.Write(ForgedProfile.Whole, isCompressed: true);
        using var server = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        Task serving = Task.Run(() =>
        {
            using System.Net.Sockets.TcpClient client = server.AcceptTcpClient();
            using Stream stream = client.GetStream();
            _ = stream.Read(new byte[4096]);
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {profile.Length}\r\nConnection: close\r\n\r\n"));
            stream.Write(profile);
        }, TestContext.Current.CancellationToken);
        var request = new PprofRequest(
            [$"http://127.0.0.1:{((System.Net.IPEndPoint)server.LocalEndpoint).Port}/debug/pprof/profile?seconds=1"], null, TimeSpan.FromSeconds(5), [], DebugFileRequest.Default);
        PprofReport report = PprofPipeline.Run(request, new Progress<string>(), CancellationToken.None);
        Assert.Equal(3, report.Profile.Samples.Count);
        await serving.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    private static Profile Parse(string path) => ForgedProfile.Read(File.ReadAllBytes(path));

    private static int Run(params string[] arguments) => CommandLine.Run(arguments, new Pipelines());
}

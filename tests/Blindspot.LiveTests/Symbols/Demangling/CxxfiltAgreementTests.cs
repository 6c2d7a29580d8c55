using System.Diagnostics;
using Blindspot.Symbols.Demangling;

namespace Blindspot.LiveTests.Symbols.Demangling;

/// <summary>Every C++ symbol that the libraries of this machine export, against the c++filt that is installed.</summary>
public sealed class CxxfiltAgreementTests(ITestOutputHelper output)
{
    private const string Libraries = "/usr/lib/x86_64-linux-gnu";
    private const int MaxLibraryBytes = 200 << 20;
    private const int MaxNames = 200_000;

    private static readonly string[] s_patterns = ["libstdc++.so.6", "libLLVM-*.so.1", "libclang*.so.1*", "libboost_*.so.*", "libicu*.so.*"];

    [Fact]
    public void Names_equal_those_of_the_installed_cxxfilt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/c++filt") && File.Exists("/usr/bin/nm"), "binutils are not installed");
        string[] libraries = [.. s_patterns.SelectMany(pattern => Directory.GetFiles(Libraries, pattern)).Where(path => new FileInfo(path).Length < MaxLibraryBytes)];
        Assert.SkipUnless(libraries.Length > 0, "no C++ library is installed");

        string[] symbols = [.. libraries
            .SelectMany(path => Run("nm", ["-D", path], []))
            .Select(line => line[(line.LastIndexOf(' ') + 1)..].Split('@')[0])
            .Where(symbol => symbol.StartsWith("_Z", StringComparison.Ordinal))
            .Distinct()
            .Take(MaxNames)];
        string[] expected = [.. Run("c++filt", ["--no-verbose"], symbols)];
        Assert.Equal(symbols.Length, expected.Length);

        int different = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            string actual = Demangler.TryDemangle(symbols[i], out Demangled? name) ? name.Full : symbols[i];
            if (actual != expected[i] && different++ < 50)
            {
                output.WriteLine($"{symbols[i]}\n  c++filt   {expected[i]}\n  blindspot {actual}");
            }
        }

        output.WriteLine($"{symbols.Length} names of {libraries.Length} libraries, {different} different");
        Assert.True(different <= symbols.Length / 1000, $"{different} of {symbols.Length} names differ");
    }

    private static List<string> Run(string program, string[] arguments, string[] input)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        Task writing = Task.Run(() =>
        {
            foreach (string line in input)
            {
                process.StandardInput.WriteLine(line);
            }

            process.StandardInput.Close();
        });
        List<string> lines = [];
        while (process.StandardOutput.ReadLine() is string line)
        {
            lines.Add(line);
        }

        writing.Wait();
        process.WaitForExit();
        return lines;
    }
}

using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Blindspot.Interop;

namespace Blindspot.Tests.Interop;

/// <summary>native/wire.h and the structs that read what it describes agree: a C compiler says where each field lies.</summary>
public sealed class WireTests
{
    [Fact]
    public void Every_field_lies_where_the_header_puts_it()
    {
        StringBuilder expected = new();
        StringBuilder program = new(
            $$"""
            #include <stddef.h>
            #include <stdint.h>
            #include <stdio.h>
            #define wire_u32 uint32_t
            #define wire_s32 int32_t
            #define wire_u64 uint64_t
            #include "{{HeaderPath()}}"
            int main(void)
            {

            """);
        Add<WireThread>("wire_thread", expected, program);
        Add<WireDisposition>("wire_disposition", expected, program);
        Add<WireDispositions>("wire_dispositions", expected, program);
        Add<WireSampling>("wire_sampling", expected, program);
        Add<WireSlice>("wire_slice", expected, program);
        Add<WireEvent>("wire_event", expected, program);
        Add<WireCounters>("wire_counters", expected, program);
        AddNumber("WIRE_THREAD", WireThread.RecordKind);
        AddNumber("WIRE_DISPOSITIONS", WireDispositions.RecordKind);
        AddNumber("WIRE_SIGNALS", WireDispositions.WireSignals.Length);
        AddNumber("WIRE_EVENT", WireEvent.RecordKind);
        AddNumber("WIRE_EVENT_CPU", WireEvent.CpuEvent);
        AddNumber("WIRE_IN_KERNEL", WireEvent.InKernel);
        AddNumber("WIRE_RUNTIME_KNOWN", WireEvent.RuntimeKnown);
        AddNumber("WIRE_SLICES", WireEvent.WireSlices.Length);
        AddNumber("WIRE_SLICE_BYTES", WireSampling.MaxStackBytes);
        program.AppendLine("return 0; }");

        Assert.Equal(expected.ToString(), CompileAndRun(program.ToString()));

        void AddNumber(string name, long value)
        {
            program.AppendLine($"printf(\"{name} %ld\\n\", (long){name});");
            expected.AppendLine($"{name} {value}");
        }
    }

    private static void Add<T>(string name, StringBuilder expected, StringBuilder program)
        where T : unmanaged
    {
        FieldInfo[] fields = typeof(T).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        Assert.NotEmpty(fields);
        foreach (FieldInfo field in fields)
        {
            string member = SnakeCase(field.Name);
            program.AppendLine($"printf(\"{name}.{member} %zu\\n\", offsetof(struct {name}, {member}));");
            expected.AppendLine($"{name}.{member} {Marshal.OffsetOf<T>(field.Name)}");
        }

        program.AppendLine($"printf(\"{name} %zu\\n\", sizeof(struct {name}));");
        expected.AppendLine($"{name} {Unsafe.SizeOf<T>()}");
    }

    private static string SnakeCase(string name)
    {
        StringBuilder text = new();
        foreach (char letter in name)
        {
            text.Append(char.IsUpper(letter) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    private static string CompileAndRun(string source)
    {
        string directory = Directory.CreateTempSubdirectory("blindspot-wire-").FullName;
        string file = Path.Combine(directory, "wire.c");
        File.WriteAllText(file, source);
        Run("gcc", $"-Wall -Werror -o {directory}/wire {file}");
        string output = Run($"{directory}/wire", "");
        Directory.Delete(directory, recursive: true);
        return output;
    }

    private static string Run(string file, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string HeaderPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../native/wire.h"));
}

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// In which language a frame was written and whether it is plumbing: as the profile says, or, in a profile that somebody else
/// made, as names and files show it.
/// </summary>
public static class FrameLanguage
{
    public const string Go = "go";
    public const string C = "c";
    public const string Cpp = "c++";
    public const string Rust = "rust";
    public const string Kernel = "kernel";

    /// <summary>Of Go's wrapper around a C function: <c>main._Cfunc_twice</c> calls <c>twice</c> (cmd/cgo/out.go).</summary>
    private const string CallWrapper = "._Cfunc_";

    /// <summary>runtime/cgocall.go, runtime/cgo/*.S: what lies between the languages. Any of them may have ".abi0" behind it.</summary>
    private static readonly HashSet<string> Plumbing = new(StringComparer.Ordinal)
    {
        "runtime.cgocall", "runtime.cgocallback", "runtime.cgocallbackg", "runtime.cgocallbackg1", "runtime.asmcgocall", "runtime.asmcgocall_landingpad",
        "runtime.systemstack", "runtime.systemstack_switch", "runtime.mcall", "runtime.goexit", "runtime.mstart", "runtime.mstart0", "runtime.mstart1",
        "runtime.rt0_go", "crosscall1", "crosscall2", "threadentry",
    };

    /// <param name="line">The frame's function.</param>
    /// <param name="module">The mapped file; "" where not known.</param>
    public static string Of(ProfileLine line, string module)
    {
        if (line.Language.Length > 0)
        {
            return line.Language;
        }

        if (module.StartsWith("[kernel", StringComparison.Ordinal) || module.StartsWith("[guest.kernel", StringComparison.Ordinal) || module is "[unknown_kernel]")
        {
            return Kernel;
        }

        string file = line.File;
        return Path.GetExtension(file) switch
        {
            ".go" => Go,
            ".c" or ".h" or ".S" => C,
            ".cc" or ".cpp" or ".cxx" or ".c++" or ".hpp" or ".hh" or ".hxx" or ".inl" => Cpp,
            ".rs" => Rust,
            _ => OfName(line, module),
        };
    }

    /// <summary>Everything that is neither Go nor the kernel.</summary>
    public static bool IsNative(string language) => language.Length > 0 && language is not (Go or Kernel);

    public static bool IsPlumbing(ProfileLine line)
    {
        if (line.IsPlumbing || line.Language.Length > 0)
        {
            return line.IsPlumbing;
        }

        string name = line.Function.EndsWith(".abi0", StringComparison.Ordinal) ? line.Function[..^5] : line.Function;
        return Plumbing.Contains(name) || name.StartsWith("_cgo_", StringComparison.Ordinal) || name.StartsWith("x_cgo_", StringComparison.Ordinal)
            || name.StartsWith("_cgoexp_", StringComparison.Ordinal) || name.Contains(CallWrapper, StringComparison.Ordinal);
    }

    /// <summary>The C function that a wrapper of Go's calls; null for any other function.</summary>
    public static string? WrappedFunction(ProfileLine line)
    {
        int wrapper = line.Function.IndexOf(CallWrapper, StringComparison.Ordinal);
        return wrapper < 0 ? null : line.Function[(wrapper + CallWrapper.Length)..];
    }

    private static string OfName(ProfileLine line, string module)
    {
        string name = line.Function;
        if (name.Contains("::", StringComparison.Ordinal) || line.SystemName.StartsWith("_Z", StringComparison.Ordinal))
        {
            return line.SystemName.StartsWith("_R", StringComparison.Ordinal) ? Rust : Cpp;
        }

        bool isLibrary = Path.GetFileName(module).Contains(".so", StringComparison.Ordinal);
        if (isLibrary)
        {
            return C;
        }

        // A Go function's name has its package's: "runtime.mallocgc", "net/http.(*Server).Serve". What a C compiler puts behind a dot it writes thus.
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        bool isClone = dot > 0 && (name.AsSpan(dot).StartsWith(".part.") || name.AsSpan(dot).StartsWith(".constprop.") || name.AsSpan(dot).StartsWith(".isra.")
            || name.AsSpan(dot).StartsWith(".cold") || name.AsSpan(dot).StartsWith(".llvm."));
        bool isAssembly = Path.GetExtension(line.File) == ".s" && dot > 0;
        return (dot > 0 && !isClone) || isAssembly ? Go : name.Length > 0 ? C : "";
    }
}

namespace Blindspot.Symbols;

/// <summary>One function of a frame as people read it.</summary>
/// <param name="Function">Demangled name; null when nothing names it.</param>
/// <param name="Module">File name of the module ("libc.so.6"); null in code of no file.</param>
/// <param name="ModulePath">Its path inside the target's mount namespace.</param>
/// <param name="ModuleOffset">Address in the module's own terms (as addr2line and nm take it).</param>
/// <param name="File">Source file; null when not known.</param>
/// <param name="Line">1-based, 0 when not known.</param>
/// <param name="IsInlined">Inlined into the next frame.</param>
/// <param name="Language">"c" (for all native code that is not known better), "c++", "rust", "go".</param>
/// <param name="IsPlumbing">The runtime's own machinery between the languages, folded in text unless asked for.</param>
public sealed record SymbolFrame(
    string? Function,
    string? Module,
    string? ModulePath,
    ulong ModuleOffset,
    string? File,
    int Line,
    bool IsInlined,
    string Language,
    bool IsPlumbing)
{
    /// <summary>The name without what readers seldom want: parameters, default template arguments. The full one where there is no shorter.</summary>
    public string? ShortFunction
    {
        get => field ?? Function;
        init;
    }
}

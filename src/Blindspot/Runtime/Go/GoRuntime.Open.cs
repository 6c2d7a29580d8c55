using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>How the runtime is found.</summary>
public sealed partial class GoRuntime
{
    /// <summary>More modules than this in the runtime's list are not followed.</summary>
    private const int MaxModules = 4096;

    /// <summary>Further runtimes of one process are not opened.</summary>
    private const int MaxRuntimes = 64;

    /// <summary>Bytes of a data segment that are looked through for build information where there is no section table.</summary>
    private const long MaxBuildInfoScan = 64L << 20;

    // Any of these says that Go code is in a file (Go: src/cmd/link/internal/ld/data.go); position-independent ones
    // before 1.26 have their function table in .data.rel.ro.
    private static readonly string[] GoSections = [".go.buildinfo", ".gopclntab", ".data.rel.ro.gopclntab", ".go.module"];

    /// <summary>
    /// Looks for Go runtimes in the modules of a process, in the main executable first: plugins belong to that of the
    /// program that opened them, but a library built as c-shared has one of its own. Empty if there is none.
    /// </summary>
    /// <param name="modules">What is mapped into the process.</param>
    /// <param name="gaps">Gets what could not be found or read.</param>
    /// <param name="findTypes">
    /// What a module's debug information tells of types, for who has it open anyway: it goes before the generated table.
    /// Null to open it here, and only where the table does not know the version.
    /// </param>
    public static IReadOnlyList<GoRuntime> OpenAll(
        Snapshot snapshot,
        ModuleMap modules,
        GapLog gaps,
        Limits limits,
        Func<Module, IGoTypes?>? findTypes = null)
    {
        TargetMemory memory = snapshot.Memory;
        List<GoRuntime> found = [];
        Opening opening = new(snapshot.Threads, snapshot.MonotonicNanoseconds, snapshot.IsRedacted, snapshot.Log, gaps, limits);
        foreach (Module module in MainFirst(modules))
        {
            if (module.MappedImage is not { } mapped || !LooksLikeGo(mapped) || module.Image is not { } elf || found.Exists(runtime => runtime.Has(module)))
            {
                continue;
            }

            if (found.Count == MaxRuntimes)
            {
                gaps.Add("runtime", "go-runtimes-cut", $"More than {MaxRuntimes} files of this process have Go code of their own; {module.Path} and further ones were not read.");
                break;
            }

            if (Open(module, elf, modules, memory, opening, findTypes) is { } opened)
            {
                found.Add(opened);
            }
        }

        if (found.Count > 1)
        {
            foreach (GoRuntime runtime in found)
            {
                runtime.NameTasks();
            }

            // Where a version is not known, nor is which of these files are plugins of others; that gap has been told.
            if (found.Exists(runtime => runtime.Layout is null))
            {
                return found;
            }

            gaps.Add("runtime", "several-go-runtimes", $"This process has {found.Count} Go runtimes ({string.Join(", ", found.Select(runtime => runtime._modules[0].Module.Name))}), each with goroutines of its own that it numbers from 1; the scheduler that is shown is that of the first.");
        }

        return found;
    }

    /// <summary>The first of <see cref="OpenAll"/>; null if there is none.</summary>
    public static GoRuntime? TryOpen(
        Snapshot snapshot,
        ModuleMap modules,
        GapLog gaps,
        Limits limits,
        Func<Module, IGoTypes?>? findTypes = null) =>
        OpenAll(snapshot, modules, gaps, limits, findTypes) is [{ } first, ..] ? first : null;

    private static GoRuntime? Open(
        Module module,
        ElfImage elf,
        ModuleMap modules,
        TargetMemory memory,
        Opening opening,
        Func<Module, IGoTypes?>? findTypes)
    {
        GapLog gaps = opening.Gaps;
        try
        {
            IGoTypes? types = findTypes?.Invoke(module);
            GoImage image = new(module, elf, types, gaps);
            GoVersion? version = FindVersion(image, memory, opening.Limits);
            GoLayout? layout = FindLayout(image, version, opening.Limits, gaps);
            GoModuleData? data = new GoModuleDataFinder(memory, image, layout).Find();
            if (data is null)
            {
                gaps.Add("runtime", "go-module-data-missing", $"{module.Path} has Go code, but the runtime's record of it (moduledata) was not found; its goroutines can't be read.");
                return null;
            }

            List<GoModule> all = [GoModule.Open(image, data, memory)];
            GoGlobals? globals = layout is null ? null : new GoGlobalsFinder(all[0], memory, layout, gaps).Find();
            AddFurtherModules(all, modules, memory, layout, gaps);
            return new GoRuntime(memory, version, all, layout, globals, opening);
        }
        catch (MalformedDataException e)
        {
            gaps.Add("runtime", "go-runtime-malformed", $"{module.Path}: {e.Message}; its goroutines can't be read.");
            return null;
        }
    }

    private static IEnumerable<Module> MainFirst(ModuleMap modules)
    {
        if (modules.MainModule is { } main)
        {
            yield return main;
        }

        foreach (Module module in modules.Modules)
        {
            if (module != modules.MainModule)
            {
                yield return module;
            }
        }
    }

    private static bool LooksLikeGo(ElfImage elf)
    {
        if (elf.HasSectionTable)
        {
            foreach (string name in GoSections)
            {
                if (elf.TryGetSection(name, out _))
                {
                    return true;
                }
            }

            return false;
        }

        return FindBuildInfo(elf, out _);
    }

    /// <summary>Looks for build information in the writable segments, as "go version" does.</summary>
    private static bool FindBuildInfo(ElfImage elf, out ReadOnlyMemory<byte> bytes)
    {
        foreach (ElfSegment segment in elf.LoadSegments)
        {
            if (!segment.IsWritable)
            {
                continue;
            }

            byte[] data = GC.AllocateUninitializedArray<byte>((int)Math.Min(segment.FileSize, (ulong)MaxBuildInfoScan));
            int read = elf.Read(new ImageOffset(segment.Address), data);

            // Its place counts in addresses, and a segment may begin in the middle of 16.
            int skip = (int)(unchecked(0UL - segment.Address) & 15);
            int at = read > skip ? GoBuildInfo.Find(data.AsSpan(skip, read - skip)) : -1;
            if (at >= 0)
            {
                bytes = data.AsMemory(skip + at, read - skip - at);
                return true;
            }
        }

        bytes = default;
        return false;
    }

    private static GoVersion? FindVersion(GoImage image, TargetMemory memory, Limits limits)
    {
        if (image.TryReadSection(".go.buildinfo", out _, out ReadOnlyMemory<byte> section) || FindBuildInfo(image.Elf, out section))
        {
            try
            {
                if (GoBuildInfo.TryRead(section.Span, limits, out GoBuildInfo? info))
                {
                    return GoVersion.Parse(info.Version);
                }
            }
            catch (MalformedDataException)
            {
                // The runtime knows its version too.
            }
        }

        if (image.TryFindSymbol("runtime.buildVersion", out ImageOffset symbol)
            && memory.TryReadAddress(image.Module.ToTarget(symbol), out TargetAddress text)
            && memory.TryReadUInt64(image.Module.ToTarget(symbol) + 8, out ulong length)
            && length is > 0 and <= 256)
        {
            byte[] bytes = new byte[length];
            if (memory.TryReadExactly(text, bytes) || image.Read(image.Module.ToImage(text), bytes) == bytes.Length)
            {
                return GoVersion.Parse(System.Text.Encoding.UTF8.GetString(bytes));
            }
        }

        return null;
    }

    private static GoLayout? FindLayout(GoImage image, GoVersion? version, Limits limits, GapLog gaps)
    {
        if (image.Types is { } types && GoLayout.TryFromTypes(types, out GoLayout? layout))
        {
            return layout;
        }

        bool isInTable = version is { IsDevelopment: false, Experiments: null, Minor: { } known } && GoLayout.TryFromTable(known, out _);
        if (!isInTable && image.Types is null
            && GoLayout.TryFromTypes(new GoNotedTypes(image.Module, GoDwarfTypes.Open(image.Module, limits, gaps)), out layout))
        {
            return layout;
        }

        string path = image.Module.Path;
        if (version?.Minor is { } minor && !version.IsDevelopment && GoLayout.TryFromTable(minor, out layout))
        {
            if (version.Experiments is { } experiments)
            {
                gaps.Add("runtime", "go-experiments", $"{path} was built with GOEXPERIMENT={experiments}; the layouts of {version} were taken without them.");
            }

            return layout;
        }

        gaps.Add(
            "runtime",
            "go-version-unknown",
            version is null
                ? $"The Go version of {path} could not be told and it has no debug information, so its goroutines can't be read; frames of its functions are named."
                : $"The runtime's layouts of {version} are not known and {path} has no debug information, so its goroutines can't be read; frames of its functions are named.");
        return null;
    }

    /// <summary>Follows moduledata.next: plugins, and shared libraries of -buildmode=shared.</summary>
    private static void AddFurtherModules(List<GoModule> all, ModuleMap modules, TargetMemory memory, GoLayout? layout, GapLog gaps)
    {
        TargetAddress next = all[0].Data.Next ?? TargetAddress.Zero;
        HashSet<TargetAddress> seen = [all[0].Data.Address];
        while (!next.IsZero && seen.Count < MaxModules && seen.Add(next))
        {
            GoModule? further = OpenFurther(next, modules, memory, layout, gaps);
            if (further is null)
            {
                gaps.Add("runtime", "go-module-unreadable", "A further module of the Go runtime (a plugin) could not be read; its functions have no names.", next);
                return;
            }

            all.Add(further);
            next = further.Data.Next ?? TargetAddress.Zero;
        }
    }

    private static GoModule? OpenFurther(TargetAddress address, ModuleMap modules, TargetMemory memory, GoLayout? layout, GapLog gaps)
    {
        if (modules.FindAny(address) is not { Image: { } elf } module)
        {
            return null;
        }

        try
        {
            GoImage image = new(module, elf, null, gaps);
            return new GoModuleDataFinder(memory, image, layout).Read(address) is { } data ? GoModule.Open(image, data, memory) : null;
        }
        catch (MalformedDataException e)
        {
            gaps.Add("runtime", "go-module-malformed", $"{module.Path}: {e.Message}.");
            return null;
        }
    }

    private bool Has(Module module)
    {
        foreach (GoModule known in _modules)
        {
            if (ReferenceEquals(known.Module, module))
            {
                return true;
            }
        }

        return false;
    }
}

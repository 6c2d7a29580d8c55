using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Core;
using Blindspot.Tests.Image.Elf;

namespace Blindspot.Tests.Target.Core;

/// <summary>Whatever a core holds: a snapshot with gaps, or BlindspotException; and no more memory than the limits allow.</summary>
public class CoreMutationTests
{
    private const int Seeds = 3000;
    private const long AllowedBytes = 64L << 20;

    [Fact]
    public void Cores_survive_damage()
    {
        byte[] image = new ElfForge().AddSection(".note", 7, 2, 0x2000, ElfForge.Note("GNU", 3, [1, 2, 3, 4])).AddSymbol("f", 0x1000, 8, 2).Build();
        byte[] core = CoreSnapshotTests.Typical().AddMemory(0x50_0000, image, 5).Build();
        int headers = 64 + (6 * 56);
        int notes = core.Length - (3 * 4096) - image.Length - headers;
        for (int seed = 0; seed < Seeds; seed++)
        {
            byte[] mutant = MutationSeeds.Mutate(core, seed, (0, 64), (64, headers - 64), (headers, notes), (headers, notes), (core.Length - image.Length, 256));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var snapshot = CoreSnapshot.Open(new BufferByteSource(mutant), "mutant", FileSearch.Default, Limits.Default);
                Use(snapshot);
            }
            catch (BlindspotException exception)
            {
                Assert.NotEmpty(exception.Message);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < AllowedBytes, $"seed {seed} made it allocate {allocated} bytes");
        }
    }

    private static void Use(CoreSnapshot snapshot)
    {
        byte[] buffer = new byte[8192];
        foreach (MemoryMapping mapping in snapshot.Mappings)
        {
            Assert.True(mapping.Start < mapping.End);
            Assert.True(snapshot.Memory.Read(mapping.Start, buffer) <= buffer.Length);
            snapshot.Memory.Read(mapping.End - 8, buffer);
        }

        using var cache = new ImageCache();
        var modules = ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default);
        foreach (Module module in modules.Modules)
        {
            modules.Find(module.Start);
            modules.FindAny(module.End);
            _ = module.Symbols?.TryFindByName("f", out _);
        }

        foreach (ThreadSnapshot thread in snapshot.Threads)
        {
            modules.Find(thread.State64!.Registers.Pc);
        }
    }
}

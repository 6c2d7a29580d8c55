using Blindspot.Model;

namespace Blindspot.Tests.Model;

public sealed class RuntimeMemoryTests
{
    [Fact]
    public void A_sum_is_unknown_where_one_of_its_parts_is()
    {
        RuntimeMemory first = new() { MappedBytes = 1, HeapInUseBytes = 2, HeapFreeBytes = 3, HeapReleasedBytes = 4, StackBytes = 5, Collections = 6, HeapProfileRate = 0 };
        RuntimeMemory second = new() { MappedBytes = 10, HeapInUseBytes = 20, HeapFreeBytes = 30, HeapReleasedBytes = 40, Collections = 60, HeapProfileRate = 524288 };
        Assert.Equal(
            new RuntimeMemory { MappedBytes = 11, HeapInUseBytes = 22, HeapFreeBytes = 33, HeapReleasedBytes = 44, StackBytes = null, Collections = 66, HeapProfileRate = 0 },
            RuntimeMemory.Sum([first, second]));
        Assert.Equal(new RuntimeMemory(), RuntimeMemory.Sum([]));
    }
}

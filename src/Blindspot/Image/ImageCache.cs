using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Image;

/// <summary>
/// Owns the open images, each content once: a file mapped at several places, or by several processes, is parsed once.
/// Thread-safe.
/// </summary>
public sealed class ImageCache : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Device, ulong Inode, string Path), ElfImage> _byFile = [];
    private readonly Dictionary<(BuildId BuildId, long Length), ElfImage> _byContent = [];
    private readonly List<ElfImage> _owned = [];

    /// <summary>How many different images are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _owned.Count;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ElfImage image in _owned)
            {
                image.Dispose();
            }

            _owned.Clear();
            _byFile.Clear();
            _byContent.Clear();
        }
    }

    internal ElfImage? Find(ulong device, ulong inode, string path)
    {
        lock (_gate)
        {
            // Without an inode (in a core) the name alone does not tell which content was mapped.
            return inode != 0 && _byFile.TryGetValue((device, inode, path), out ElfImage? image) ? image : null;
        }
    }

    /// <summary>
    /// Takes over an image that was just opened; returns it, or the one with the same content that is open already. The
    /// length is part of the key, since a file and its debug file have one build ID.
    /// </summary>
    internal ElfImage Add(ElfImage image, ulong device = 0, ulong inode = 0, string path = "")
    {
        lock (_gate)
        {
            if (image.BuildId is { } buildId && image.MemoryBias == 0)
            {
                if (_byContent.TryGetValue((buildId, image.FileLength), out ElfImage? known))
                {
                    image.Dispose();
                    image = known;
                }
                else
                {
                    _byContent.Add((buildId, image.FileLength), image);
                    _owned.Add(image);
                }
            }
            else
            {
                _owned.Add(image);
            }

            if (inode != 0)
            {
                _byFile[(device, inode, path)] = image;
            }

            return image;
        }
    }
}

namespace Blindspot.Interop;

/// <summary>The error numbers that we tell apart (asm-generic/errno-base.h, errno.h).</summary>
internal enum Errno
{
    None = 0,
    NotPermitted = 1,
    NoEntry = 2,
    NoProcess = 3,
    Interrupted = 4,
    TooBig = 7,
    NoChild = 10,
    Again = 11,
    NoMemory = 12,
    AccessDenied = 13,
    Fault = 14,
    Busy = 16,
    NoDevice = 19,
    NotDirectory = 20,
    Invalid = 22,
    NameTooLong = 36,
    NotImplemented = 38,
    Loop = 40,
    NotSupported = 95,
}

internal static class ErrnoText
{
    public static string Describe(this Errno errno) => errno switch
    {
        Errno.NotPermitted => "not permitted (EPERM)",
        Errno.AccessDenied => "permission denied (EACCES)",
        Errno.NoProcess => "no such process (ESRCH)",
        Errno.NoEntry => "no such file (ENOENT)",
        Errno.NoMemory => "out of memory (ENOMEM)",
        Errno.Busy => "it is in use (EBUSY)",
        Errno.NoDevice => "no such device (ENODEV)",
        Errno.Loop => "too many symbolic links (ELOOP)",
        Errno.NotDirectory => "not a directory (ENOTDIR)",
        Errno.NameTooLong => "the name is too long (ENAMETOOLONG)",
        Errno.Invalid => "invalid argument (EINVAL)",
        Errno.NotImplemented => "the kernel does not have it (ENOSYS)",
        Errno.NotSupported => "not supported (ENOTSUP)",
        _ => $"error {(int)errno}",
    };
}

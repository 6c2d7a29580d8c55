namespace Blindspot.Tests.Image.Debuginfod;

/// <summary>What <see cref="LocalServer"/> says to a request.</summary>
internal sealed record LocalAnswer(int Status, byte[] Body)
{
    public static LocalAnswer NotFound { get; } = new(404, []) { ClaimedLength = 0 };

    public static LocalAnswer Hang { get; } = new(0, []) { HangsAtOnce = true };

    /// <summary>Content-Length; null for none, so that the end of the connection is the end of the body.</summary>
    public long? ClaimedLength { get; init; }

    public string? Location { get; init; }

    public bool HangsAtOnce { get; init; }

    public bool HangsAfterBody { get; init; }

    public bool DripsForever { get; init; }

    public static LocalAnswer Of(byte[] body) => new(200, body) { ClaimedLength = body.Length };

    public static LocalAnswer Redirect(string location) => new(302, []) { ClaimedLength = 0, Location = location };
}

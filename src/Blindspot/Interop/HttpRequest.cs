namespace Blindspot.Interop;

/// <summary>A file to be had over http or https.</summary>
/// <param name="Address">Where. From https no redirection leads to http.</param>
/// <param name="Headers">Further lines of the request ("Name: value").</param>
/// <param name="IdleTimeout">It is given up when nothing comes for so long, whole seconds.</param>
/// <param name="TotalTimeout">It is given up after so long, however much has come.</param>
/// <param name="MaxBytes">More is not taken.</param>
public sealed record HttpRequest(Uri Address, IReadOnlyList<string> Headers, TimeSpan IdleTimeout, TimeSpan TotalTimeout, long MaxBytes);

namespace Blindspot.Symbols.Demangling;

/// <summary>A linker symbol as people read it.</summary>
/// <param name="Full">The whole name: parameters, return type of templates, every template argument. Cut with an ellipsis at 65,536 characters.</param>
/// <param name="Short">
/// The function's name for text output: no parameters and no return type, default template arguments, ABI tags and
/// inline namespaces of the standard library hidden, deep template arguments cut with an ellipsis.
/// </param>
/// <param name="Language">"c++" or "rust".</param>
public sealed record Demangled(string Full, string Short, string Language);

using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Blindspot.Tests.Architecture;

/// <summary>
/// Sources that the compiler has bound: what a name means is asked of it, so that aliases, implicit types and global
/// usings hide nothing.
/// </summary>
internal sealed class SourceTree
{
    private const int MaxLines = 500;

    /// <summary>What source generators add is not here, and its absence is no error.</summary>
    private static readonly HashSet<string> s_leftToGenerators = ["CS8795", "CS0534", "CS0117"];

    /// <summary>What ImplicitUsings of the projects stands for.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly HashSet<string> s_nativeAttributes = ["LibraryImportAttribute", "DllImportAttribute", "UnmanagedCallersOnlyAttribute"];

    /// <summary>Every tree grows from this one, so that the references are read once.</summary>
    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create(
        "Blindspot.All",
        [Parse("", ImplicitUsings)],
        References(),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    private readonly CSharpCompilation _compilation;

    private SourceTree(IEnumerable<SyntaxTree> trees) => _compilation = s_empty.AddSyntaxTrees(trees);

    /// <summary>Everything in src/ that goes into the executable.</summary>
    public static SourceTree OfRepository()
    {
        var trees = new List<SyntaxTree>();
        foreach (string project in (string[])["src/Blindspot", "src/Blindspot.Cli"])
        {
            string root = RepositoryFiles.PathOf(project);
            foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
            {
                string relative = Path.GetRelativePath(root, path);
                if (!relative.StartsWith("obj/", StringComparison.Ordinal) && !relative.StartsWith("bin/", StringComparison.Ordinal))
                {
                    trees.Add(Parse(project + "/" + relative, File.ReadAllText(path)));
                }
            }
        }

        return new SourceTree(trees);
    }

    public static SourceTree Of(params (string Path, string Text)[] files) =>
        new(files.Select(static file => Parse(file.Path, file.Text)));

    public int FileCount => _compilation.SyntaxTrees.Length - 1;

    /// <summary>Errors of the compiler: where a name could not be bound, nothing is known of it.</summary>
    public List<string> Unbound() =>
    [
        .. _compilation.GetDiagnostics()
            .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && !s_leftToGenerators.Contains(diagnostic.Id))
            .Select(static diagnostic => diagnostic.ToString()),
    ];

    /// <summary>Every breach of the rules, as "file:line: what".</summary>
    public List<string> Violations()
    {
        var violations = new List<string>();
        foreach (SyntaxTree tree in _compilation.SyntaxTrees)
        {
            if (tree.FilePath.Length > 0)
            {
                CheckFile(tree, violations);
                CheckNames(tree, violations);
            }
        }

        return violations;
    }

    private void CheckNames(SyntaxTree tree, List<string> violations)
    {
        SemanticModel model = _compilation.GetSemanticModel(tree);
        string from = NamespaceOf(tree.FilePath);
        string file = Path.GetFileName(tree.FilePath);
        var seen = new HashSet<(int, string)>();
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            ISymbol? symbol = node switch
            {
                SimpleNameSyntax name => model.GetSymbolInfo(name).Symbol,
                ImplicitObjectCreationExpressionSyntax creation => model.GetSymbolInfo(creation).Symbol,
                AttributeSyntax attribute => model.GetSymbolInfo(attribute).Symbol,
                _ => null,
            };
            Check(symbol);
            if (node is ExpressionSyntax expression and not TypeSyntax)
            {
                // A value that nobody names by its type, such as the one that a call gives and another takes.
                Check(model.GetTypeInfo(expression).Type);
            }

            if (IsNative(node, symbol) && !from.StartsWith("Blindspot.Interop", StringComparison.Ordinal))
            {
                Add(node, "unsafe code and native calls belong to Interop");
            }

            void Check(ISymbol? named)
            {
                string to = named is null or INamespaceSymbol ? "" : (named.ContainingNamespace?.ToDisplayString() ?? "");
                if (Layers.Objection(from, file, to) is { } objection)
                {
                    Add(node, $"names {named!.ToDisplayString()}: {objection}");
                }
            }
        }

        void Add(SyntaxNode node, string what)
        {
            int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            if (seen.Add((line, what)))
            {
                violations.Add($"{tree.FilePath}:{line}: {what}");
            }
        }
    }

    private static bool IsNative(SyntaxNode node, ISymbol? symbol)
    {
        bool isUnsafe = node is UnsafeStatementSyntax or PointerTypeSyntax or FunctionPointerTypeSyntax or FixedStatementSyntax
            || (node is MemberDeclarationSyntax member && member.Modifiers.Any(SyntaxKind.UnsafeKeyword))
            || (node is LocalFunctionStatementSyntax local && local.Modifiers.Any(SyntaxKind.UnsafeKeyword));
        return isUnsafe || (node is AttributeSyntax && symbol is IMethodSymbol method && s_nativeAttributes.Contains(method.ContainingType.Name));
    }

    private static void CheckFile(SyntaxTree tree, List<string> violations)
    {
        bool isGenerated = tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal);
        int lines = tree.GetText().Lines.Count - 1;
        if (lines > MaxLines && !isGenerated)
        {
            violations.Add($"{tree.FilePath}:{lines}: more than {MaxLines} lines: look for the second noun");
        }

        string expected = NamespaceOf(tree.FilePath);
        foreach (BaseNamespaceDeclarationSyntax declared in tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            if (declared.Name.ToString() != expected || declared is not FileScopedNamespaceDeclarationSyntax)
            {
                violations.Add($"{tree.FilePath}:1: namespace {declared.Name}, where its folder says 'namespace {expected};'");
            }
        }

        if (tree.GetRoot().ChildNodes().Any(static node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax))
        {
            violations.Add($"{tree.FilePath}:1: a type outside of any namespace");
        }
    }

    /// <summary>"src/Blindspot/Image/Elf/X.cs" is in Blindspot.Image.Elf.</summary>
    private static string NamespaceOf(string path)
    {
        string[] parts = path.Split('/');
        return string.Join('.', parts[1..^1]);
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(
        SourceText.From(text, Encoding.UTF8), new CSharpParseOptions(LanguageVersion.Latest), path);

    private static IEnumerable<MetadataReference> References()
    {
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return trusted.Split(':')
            .Where(static path => !Path.GetFileName(path).StartsWith("Blindspot", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path));
    }
}

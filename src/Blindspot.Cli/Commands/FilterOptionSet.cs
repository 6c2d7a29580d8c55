using System.CommandLine;
using System.CommandLine.Parsing;
using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>
/// The options that say what of a profile is looked at. What the command line leaves open is taken from the file that
/// <c>--filter</c> names, or else from BLINDSPOT_FILTER, which has the same options or "@FILE".
/// </summary>
internal sealed class FilterOptionSet
{
    public const string Variable = "BLINDSPOT_FILTER";

    private const int MaxFileBytes = 1 << 20;

    private readonly Option<string?> _file = new("--filter")
    {
        HelpName = "FILE",
        Description = $"Take these options from FILE where they are not given (else from {Variable})",
    };

    private readonly Option<string?> _focus = Pattern("--focus", "Only samples with such a frame: its function, file or module");
    private readonly Option<string?> _ignore = Pattern("--ignore", "No samples with such a frame");
    private readonly Option<string?> _hide = Pattern("--hide", "Without such frames");
    private readonly Option<string?> _show = Pattern("--show", "Only such frames");
    private readonly Option<string?> _showFrom = Pattern("--show-from", "From the outermost such frame on");
    private readonly Option<string?> _tagFocus = Pattern("--tagfocus", "Only samples with such a label: key:value, key=pattern or key=4kb:64kb");
    private readonly Option<string?> _tagIgnore = Pattern("--tagignore", "No samples with such a label");

    private readonly Option<string?> _granularity = CommonOptions.ChoiceOption(
        "--granularity", "What is told apart", "addresses", "lines", "functions", "files");

    private readonly Option<bool> _noInlines = new("--noinlines") { Description = "Count inlined functions to those that they are part of" };

    private readonly Option<string[]> _exclude = Modules("--exclude", "Without frames of these modules, 'libc.so.*,libpthread.so.*'; the samples stay");
    private readonly Option<string[]> _include = Modules("--include", "Only frames of these modules; the samples stay");
    private readonly Option<string?> _language = CommonOptions.ChoiceOption("--language", "Only frames of C (and all that is native), or of Go", "c", "go");
    private readonly Option<bool> _boundary = new("--boundary") { Description = "Only where Go calls C: the caller and the C function it enters" };
    private readonly Option<bool> _allFrames = new("--all-frames") { Description = "Show plumbing between the languages, too" };

    public void AddTo(Command command)
    {
        command.Add(_focus);
        command.Add(_ignore);
        command.Add(_hide);
        command.Add(_show);
        command.Add(_showFrom);
        command.Add(_tagFocus);
        command.Add(_tagIgnore);
        command.Add(_granularity);
        command.Add(_noInlines);
        command.Add(_exclude);
        command.Add(_include);
        command.Add(_language);
        command.Add(_boundary);
        command.Add(_allFrames);
        command.Add(_file);
    }

    /// <param name="arguments">As they were given.</param>
    /// <param name="foldPlumbing">Whether plumbing is folded unless all frames are asked for: in views for people.</param>
    /// <param name="environment">Gives an environment variable's value.</param>
    /// <exception cref="BlindspotException">The file or variable cannot be read or understood.</exception>
    public ProfileFilterOptions Of(ParseResult arguments, bool foldPlumbing, Func<string, string?> environment)
    {
        ParseResult defaults = Defaults(arguments, environment);
        return new ProfileFilterOptions
        {
            Focus = Value(_focus),
            Ignore = Value(_ignore),
            Hide = Value(_hide),
            Show = Value(_show),
            ShowFrom = Value(_showFrom),
            TagFocus = Value(_tagFocus),
            TagIgnore = Value(_tagIgnore),
            Granularity = Value(_granularity) switch
            {
                "lines" => ProfileGranularity.Lines,
                "functions" => ProfileGranularity.Functions,
                "files" => ProfileGranularity.Files,
                _ => ProfileGranularity.Addresses,
            },
            NoInlines = Value(_noInlines),
            Exclude = Globs(_exclude),
            Include = Globs(_include),
            Language = Value(_language),
            Boundary = Value(_boundary),
            FoldPlumbing = foldPlumbing && !Value(_allFrames),
        };

        T? Value<T>(Option<T> option) => arguments.GetResult(option) is null or { Implicit: true } ? defaults.GetValue(option) : arguments.GetValue(option);

        string[] Globs(Option<string[]> option) =>
            [.. (Value(option) ?? []).SelectMany(static list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
    }

    private ParseResult Defaults(ParseResult arguments, Func<string, string?> environment)
    {
        string? path = arguments.GetValue(_file);
        string source = path is null ? Variable : $"'{path}'";
        string text = path is null ? environment(Variable) ?? "" : Read(path);
        if (path is null && text.StartsWith('@'))
        {
            source = $"'{text[1..]}', which {Variable} names,";
            text = Read(text[1..]);
        }

        var command = new Command("filter");
        AddTo(command);
        ParseResult parsed = command.Parse(FilterText.Split(text), new ParserConfiguration { ResponseFileTokenReplacer = null });
        string? problem = parsed.Errors.Count > 0 ? parsed.Errors[0].Message
            : parsed.GetResult(_file) is not null ? "A filter cannot name another with --filter."
            : null;
        return problem is null ? parsed : throw new BlindspotException($"{source} is no filter: {problem}");
    }

    private static string Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.CanSeek && file.Length > MaxFileBytes)
            {
                throw new BlindspotException($"'{path}' is no filter: it has more than {MaxFileBytes >> 20} MiB.");
            }

            using var reader = new StreamReader(file);
            char[] text = new char[MaxFileBytes];
            return new string(text, 0, reader.ReadBlock(text));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BlindspotException($"The filter '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static Option<string?> Pattern(string name, string description) => new(name) { HelpName = "PATTERN", Description = description };

    private static Option<string[]> Modules(string name, string description) => new(name)
    {
        HelpName = "GLOBS",
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}

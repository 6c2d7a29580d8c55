using System.CommandLine;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Export;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>The options of how a profile is shown.</summary>
internal sealed class ProfileViewOptionSet
{
    private readonly Option<string?> _format = CommonOptions.ChoiceOption("--format", "The format, where the name of the file does not tell it", [.. ProfileFormats.Names]);

    private readonly Option<string?> _by = CommonOptions.ChoiceOption("--by", "What the text adds up by", "function", "line", "module", "boundary");

    private readonly Option<string?> _value = new("--value") { HelpName = "NAME", Description = "Which of a profile's values is shown, as 'cpu' or 'alloc_space'" };

    private readonly Option<string?> _limit = new("--limit") { HelpName = "N", Description = $"Show N lines of text ({ProfileTopText.DefaultRows} if not given); 0 for all" };

    private readonly Option<string?> _compare = new("--compare") { HelpName = "OLD", Description = "Show what changed since this profile" };

    private readonly Option<bool> _normalize = new("--normalize") { Description = "Compare shares, not amounts" };

    public ProfileViewOptionSet() => _limit.Validators.Add(static result =>
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (!int.TryParse(text, System.Globalization.NumberStyles.None, null, out _))
        {
            result.AddError($"'{text}' is not a count.");
        }
    });

    public void AddTo(Command command)
    {
        command.Add(_format);
        command.Add(_by);
        command.Add(_limit);
        command.Add(_value);
        command.Add(_compare);
        command.Add(_normalize);
    }

    /// <param name="arguments">As they were given.</param>
    /// <param name="output">Where it is written to; null for standard output.</param>
    /// <exception cref="BlindspotException">The format is not known, or cannot show a comparison.</exception>
    public ProfileViewOptions Of(ParseResult arguments, string? output)
    {
        string? by = arguments.GetValue(_by);
        var options = new ProfileViewOptions(
            ProfileFormats.Of(output, arguments.GetValue(_format)),
            by switch
            {
                "line" => ProfileTopBy.Line,
                "module" => ProfileTopBy.Module,
                "boundary" => ProfileTopBy.Boundary,
                _ => ProfileTopBy.Function,
            },
            arguments.GetValue(_limit) is { } limit ? int.Parse(limit, System.Globalization.CultureInfo.InvariantCulture) : ProfileTopText.DefaultRows,
            arguments.GetValue(_value),
            arguments.GetValue(_compare),
            arguments.GetValue(_normalize));
        return options.Compare is not null && options.Format is not (ProfileFormat.Text or ProfileFormat.Html)
            ? throw new BlindspotException("A comparison is shown as text or as a flame graph (.html); the other formats have no place for a second profile.")
            : options;
    }
}

/// <param name="Limit">Lines of text; 0 for all.</param>
/// <param name="Value">The name of the value that is shown; null for the profile's default.</param>
/// <param name="Compare">The old profile's file; null for no comparison.</param>
internal sealed record ProfileViewOptions(ProfileFormat Format, ProfileTopBy By, int Limit, string? Value, string? Compare, bool Normalize);

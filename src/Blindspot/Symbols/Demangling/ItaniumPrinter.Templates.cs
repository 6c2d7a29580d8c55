namespace Blindspot.Symbols.Demangling;

/// <content>Templates, their parameters and packs.</content>
internal sealed partial class ItaniumPrinter
{
    private void PrintTemplate(int node, int name, int arguments)
    {
        // Neither the name nor the arguments have a part in the declarator around the template.
        int heldModifiers = _modifiers;
        int heldTemplate = _currentTemplate;
        _modifiers = 0;
        _currentTemplate = node;
        if (_isShort)
        {
            PrintShortTemplate(name, arguments);
        }
        else
        {
            Print(name);
            PrintTemplateArguments(arguments);
        }

        _currentTemplate = heldTemplate;
        _modifiers = heldModifiers;
    }

    private void PrintTemplateArguments(int arguments)
    {
        if (output.Last == '<')
        {
            output.Append(' ');
        }

        output.Append('<');
        PrintList(arguments);
        if (output.Last == '>')
        {
            output.Append(' ');
        }

        output.Append('>');
    }

    private void PrintTemplateParameter(int node)
    {
        if (_lambdaDepth > 0)
        {
            AppendNumbered(_lambdaHead == 0 ? "auto:" : "$T", tree[node].A + (_lambdaHead == 0 ? 1 : 0), "");
            return;
        }

        int argument = ResolveElement(node);
        if (argument == 0)
        {
            _failed = true;
            return;
        }

        // What the argument itself refers to is outside this template.
        int held = _scope;
        _scope = _scopes[held].Outer;
        Print(argument);
        _scope = held;
    }

    /// <summary>The argument of a parameter where it stands, be it a whole pack; 0 when there is none.</summary>
    private int Resolve(int parameter) =>
        _scope == 0 ? 0 : tree.TemplateArgument(tree[_scopes[_scope].Template].B, tree[parameter].A);

    /// <summary>Likewise, but of a pack the element that is being expanded; the whole pack inside a fold (index -1).</summary>
    private int ResolveElement(int parameter)
    {
        int argument = Resolve(parameter);
        return argument != 0 && tree.Kind(argument) == NodeKind.TemplateArguments && _packIndex >= 0
            ? tree.TemplateArgument(argument, _packIndex)
            : argument;
    }

    /// <summary>The items with ", " between them. An empty pack at the end leaves no comma (as GNU; one in the middle does, except in short names).</summary>
    private void PrintList(int list)
    {
        int start = output.Length;
        int end = start;
        bool isFirst = true;
        for (; list != 0 && !_failed && !output.IsFull; list = tree[list].B)
        {
            if (_isShort)
            {
                output.CutTo(end);
                isFirst = end == start;
            }

            if (!isFirst)
            {
                output.Append(", ");
            }

            isFirst = false;
            int itemStart = output.Length;
            if (tree[list].A != 0)
            {
                Print(tree[list].A);
            }

            if (output.Length > itemStart)
            {
                end = output.Length;
            }
        }

        if (!output.IsFull)
        {
            output.CutTo(end);
        }
    }

    private void PrintPackExpansion(int pattern)
    {
        int pack = _lambdaDepth > 0 ? 0 : FindPack(pattern, 0);
        if (pack == 0)
        {
            PrintOperand(pattern);
            output.Append("...");
            return;
        }

        int count = tree.TemplateArgumentCount(pack);
        int held = _packIndex;
        for (int i = 0; i < count && !_failed && !output.IsFull; i++)
        {
            if (i > 0)
            {
                output.Append(", ");
            }

            _packIndex = i;
            Print(pattern);
        }

        _packIndex = held;
    }

    /// <summary>The pack that a pattern expands: the first parameter in it that stands for one.</summary>
    private int FindPack(int node, int depth)
    {
        while (true)
        {
            if (node == 0)
            {
                return 0;
            }

            if (depth > MaxDepth || --_stepsLeft < 0)
            {
                _failed = true;
                return 0;
            }

            ref NameNode fields = ref tree[node];
            switch (fields.Kind)
            {
                case NodeKind.TemplateParameter:
                    int argument = Resolve(node);
                    return argument != 0 && tree.Kind(argument) == NodeKind.TemplateArguments ? argument : 0;
                case NodeKind.PackExpansion:
                case NodeKind.Lambda:
                case NodeKind.Name:
                case NodeKind.TaggedName:
                case NodeKind.Operator:
                case NodeKind.BuiltinType:
                case NodeKind.StandardName:
                case NodeKind.FloatType:
                case NodeKind.AnonymousNamespace:
                case NodeKind.FunctionParameter:
                case NodeKind.UnnamedType:
                case NodeKind.DefaultArgument:
                case NodeKind.StringLiteral:
                case NodeKind.Number:
                    return 0;
                case NodeKind.Constructor:
                case NodeKind.Destructor:
                case NodeKind.VendorOperator:
                case NodeKind.Conversion:
                case NodeKind.Cast:
                case NodeKind.ElaboratedType:
                case NodeKind.BitInt:
                    node = fields.A;
                    continue;
                default:
                    int found = fields.A == 0 ? 0 : FindPack(fields.A, depth + 1);
                    if (found == 0 && fields.Kind is NodeKind.Binary or NodeKind.Trinary)
                    {
                        found = FindPack(fields.C, depth + 1);
                        if (found == 0 && fields.Kind == NodeKind.Trinary && fields.D != 0)
                        {
                            found = FindPack(fields.D, depth + 1);
                        }
                    }

                    if (found != 0)
                    {
                        return found;
                    }

                    node = fields.B;
                    continue;
            }
        }
    }
}

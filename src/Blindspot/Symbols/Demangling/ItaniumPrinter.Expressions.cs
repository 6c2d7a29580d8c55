namespace Blindspot.Symbols.Demangling;

/// <content>Expressions, operators and literals.</content>
internal sealed partial class ItaniumPrinter
{
    private void PrintExpression(NodeKind kind, int node)
    {
        // An expression is a whole of its own inside the declarator of the type it stands in.
        int held = _modifiers;
        _modifiers = 0;
        ref NameNode fields = ref tree[node];
        int a = fields.A;
        int b = fields.B;
        switch (kind)
        {
            case NodeKind.Operator:
                PrintOperatorName(OperatorTable.At(a).Text);
                break;
            case NodeKind.VendorOperator:
                output.Append("operator ");
                Print(b);
                break;
            case NodeKind.LiteralOperator:
                output.Append("operator\"\" ");
                Print(a);
                break;
            case NodeKind.Conversion:
                output.Append("operator ");
                PrintConversionType(a);
                break;
            case NodeKind.Cast:
                output.Append("operator ");
                Print(a);
                break;
            case NodeKind.Nullary:
                PrintOperator(a);
                break;
            case NodeKind.Unary:
                PrintUnary(a, b);
                break;
            case NodeKind.PostfixUnary:
                PrintOperand(b);
                PrintOperator(a);
                break;
            case NodeKind.Binary:
                PrintBinary(a, b, fields.C);
                break;
            case NodeKind.Trinary:
                PrintTrinary(a, b, fields.C, fields.D);
                break;
            case NodeKind.InitializerList:
                if (a != 0)
                {
                    Print(a);
                }

                output.Append('{');
                PrintList(b);
                output.Append('}');
                break;
            case NodeKind.Literal:
            case NodeKind.NegativeLiteral:
                PrintLiteral(a, b, kind == NodeKind.NegativeLiteral);
                break;
            case NodeKind.Number:
                output.Append(a);
                break;
            case NodeKind.VendorExpression:
                Print(a);
                output.Append('(');
                PrintList(b);
                output.Append(')');
                break;
            default:
                _failed = true;
                break;
        }

        _modifiers = held;
    }

    private void PrintOperatorName(string text)
    {
        output.Append("operator");
        if (char.IsAsciiLetterLower(text[0]))
        {
            output.Append(' ');
        }

        output.Append(text.AsSpan().TrimEnd(' '));
    }

    /// <summary>The type of a conversion may name parameters of the template that the operator itself is.</summary>
    private void PrintConversionType(int type)
    {
        int held = _scope;
        if (_currentTemplate != 0)
        {
            PushScope(_currentTemplate);
        }

        if (tree.Kind(type) != NodeKind.Template)
        {
            Print(type);
            _scope = held;
            return;
        }

        // The arguments of the type itself are not inside that template.
        Print(tree[type].A);
        _scope = held;
        PrintTemplateArguments(tree[type].B);
    }

    private void PrintOperand(int node)
    {
        if (node != 0 && tree.Kind(node) is NodeKind.Name or NodeKind.QualifiedName or NodeKind.InitializerList or NodeKind.FunctionParameter)
        {
            Print(node);
            return;
        }

        output.Append('(');
        Print(node);
        output.Append(')');
    }

    private void PrintOperator(int operation)
    {
        if (tree.Kind(operation) == NodeKind.Operator)
        {
            output.Append(OperatorTable.At(tree[operation].A).Text);
        }
        else
        {
            Print(operation);
        }
    }

    private string CodeOf(int operation) =>
        tree.Kind(operation) == NodeKind.Operator ? OperatorTable.At(tree[operation].A).Code : "";

    private void PrintUnary(int operation, int operand)
    {
        string code = CodeOf(operation);
        switch (code)
        {
            case "ad":
                // The address of a function is told without its parameters if its name is qualified.
                if (tree.Kind(operand) == NodeKind.TypedName && tree.Kind(tree[operand].A) == NodeKind.QualifiedName)
                {
                    operand = tree[operand].A;
                }

                break;
            case "sZ":
                int pack = FindPack(operand, 0);
                output.Append(tree.TemplateArgumentCount(pack));
                return;
            case "sP":
                output.Append(CountArguments(operand));
                return;
        }

        if (tree.Kind(operation) == NodeKind.Cast)
        {
            output.Append('(');
            Print(tree[operation].A);
            output.Append(')');
        }
        else
        {
            PrintOperator(operation);
        }

        switch (code)
        {
            case "gs":
                Print(operand);
                break;
            case "st" or "nx" or "ti" or "te" or "at":
                output.Append('(');
                Print(operand);
                output.Append(')');
                break;
            default:
                PrintOperand(operand);
                break;
        }
    }

    /// <summary>The elements of captured template arguments; an expansion among them counts as many as its pack has.</summary>
    private int CountArguments(int list)
    {
        int count = 0;
        for (; list != 0 && tree[list].A != 0; list = tree[list].B)
        {
            int item = tree[list].A;
            int pack = tree.Kind(item) == NodeKind.PackExpansion ? FindPack(tree[item].A, 0) : 0;
            count += pack == 0 ? 1 : tree.TemplateArgumentCount(pack);
        }

        return count;
    }

    private void PrintBinary(int operation, int left, int right)
    {
        string code = CodeOf(operation);
        switch (code)
        {
            case "cc" or "dc" or "rc" or "sc":
                PrintOperator(operation);
                output.Append('<');
                Print(left);
                output.Append(output.Last == '>' ? " >(" : ">(");
                Print(right);
                output.Append(')');
                return;
            case "fl":
                PrintFold(left, 0, right);
                return;
            case "fr":
                PrintFold(left, right, 0);
                return;
            case "cl" or "cp":
                // A function that is called is told without its parameters.
                PrintOperand(tree.Kind(left) == NodeKind.TypedName ? tree[left].A : left);
                PrintCallArguments(right);
                return;
            case "ix":
                PrintOperand(left);
                output.Append('[');
                Print(right);
                output.Append(']');
                return;
            case "di":
                output.Append('.');
                Print(left);
                output.Append(IsDesignator(right) ? "" : "=");
                Print(right);
                return;
            case "dx":
                output.Append('[');
                Print(left);
                output.Append(IsDesignator(right) ? "]" : "]=");
                Print(right);
                return;
            case "dt" or "pt":
                PrintOperand(left);
                PrintOperator(operation);
                PrintOperand(right);
                return;
        }

        // In parentheses once more, so that > does not seem to end the template arguments.
        bool isGreater = code == "gt";
        if (isGreater)
        {
            output.Append('(');
        }

        PrintOperand(left);
        PrintOperator(operation);
        PrintOperand(right);
        if (isGreater)
        {
            output.Append(')');
        }
    }

    private bool IsDesignator(int node) =>
        (tree.Kind(node) is NodeKind.Binary && CodeOf(tree[node].A) is "di" or "dx")
        || (tree.Kind(node) is NodeKind.Trinary && CodeOf(tree[node].A) is "dX");

    private void PrintCallArguments(int list)
    {
        output.Append('(');
        PrintList(list);
        output.Append(')');
    }

    private void PrintTrinary(int operation, int first, int second, int third)
    {
        switch (CodeOf(operation))
        {
            case "fL":
                PrintFold(first, second, third);
                return;
            case "fR":
                PrintFold(first, second, third);
                return;
            case "nw" or "na":
                PrintOperator(operation);
                output.Append(' ');
                if (tree[first].A != 0)
                {
                    output.Append('(');
                    PrintList(first);
                    output.Append(") ");
                }

                Print(second);
                if (third != 0)
                {
                    PrintOperand(third);
                }

                return;
            case "dX":
                output.Append('[');
                Print(first);
                output.Append(" ... ");
                Print(second);
                output.Append(IsDesignator(third) ? "]" : "]=");
                Print(third);
                return;
        }

        PrintOperand(first);
        PrintOperator(operation);
        PrintOperand(second);
        output.Append(" : ");
        PrintOperand(third);
    }

    /// <summary>(... op X), (X op ...), (A op ... op B): in a fold a pack stands for all of its elements.</summary>
    private void PrintFold(int operation, int left, int right)
    {
        int held = _packIndex;
        _packIndex = -1;
        output.Append('(');
        if (left != 0)
        {
            PrintOperand(left);
            PrintOperator(operation);
        }

        output.Append("...");
        if (right != 0)
        {
            PrintOperator(operation);
            PrintOperand(right);
        }

        output.Append(')');
        _packIndex = held;
    }

    private void PrintLiteral(int type, int value, bool isNegative)
    {
        BuiltinType builtin = tree.Kind(type) == NodeKind.BuiltinType ? BuiltinTypes.At(tree[type].A) : default;
        if (value != 0)
        {
            ReadOnlySpan<char> text = tree.Text(value);
            switch (builtin.Style)
            {
                case LiteralStyle.Bare or LiteralStyle.Suffix:
                    if (isNegative)
                    {
                        output.Append('-');
                    }

                    output.Append(text);
                    output.Append(builtin.Suffix);
                    return;
                case LiteralStyle.Bool when !isNegative && text is "0":
                    output.Append("false");
                    return;
                case LiteralStyle.Bool when !isNegative && text is "1":
                    output.Append("true");
                    return;
            }
        }

        output.Append('(');
        Print(type);
        output.Append(')');
        if (isNegative)
        {
            output.Append('-');
        }

        if (builtin.Style == LiteralStyle.Float)
        {
            output.Append('[');
        }

        if (value != 0)
        {
            Print(value);
        }

        if (builtin.Style == LiteralStyle.Float)
        {
            output.Append(']');
        }
    }
}

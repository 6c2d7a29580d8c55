Console.WriteLine(new Blindspot.Primitives.TargetAddress(4096).ToString() + args.Length);
Console.WriteLine(new Blindspot.Primitives.Gap("a", "b", null, "c"));
return 0;

Console.WriteLine("blindspot");
return 0;

using System.Globalization;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;
using Blindspot.Target;
using Blindspot.Target.Live;
using Blindspot.Target.Saved;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>What is read of Go's own count of its memory, and of its switches, against what the runtime says itself.</summary>
public sealed class GoMemoryTests
{
    public static TheoryData<string, string> Builds()
    {
        TheoryData<string, string> builds = [];
        foreach (string version in GoBuilds.Versions)
        {
            foreach (string kind in (string[])["exe", "stripped", "cgo-exe", "cgo-pie-stripped"])
            {
                builds.Add(version, kind);
            }
        }

        return builds;
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Memory_is_what_the_runtime_says(string version, string kind)
    {
        using GoProcess process = GoProcess.Start(Build(version, kind), "-rate", "65536");
        Truth before = Truth.Of(process);
        GoRuntime runtime = process.Read();
        RuntimeMemory memory = runtime.OwnMemory!;
        Truth after = Truth.Of(process);
        Assert.DoesNotContain(process.Gaps.ToList(), gap => gap.Stage == "runtime");

        Assert.InRange(memory.HeapInUseBytes!.Value, before.HeapInUse, after.HeapInUse);
        AssertNear(before.HeapIdle - before.HeapReleased, after.HeapIdle - after.HeapReleased, memory.HeapFreeBytes!.Value);
        AssertNear(before.HeapReleased, after.HeapReleased, memory.HeapReleasedBytes!.Value);
        Assert.InRange(memory.StackBytes!.Value, before.StackInUse, after.StackInUse);
        AssertNear(before.Sys - before.HeapReleased, after.Sys - after.HeapReleased, memory.MappedBytes!.Value);
        Assert.InRange(memory.Collections!.Value, before.Collections, after.Collections);
        Assert.Equal(65536, memory.HeapProfileRate);
        Assert.Equal(65536, after.ProfileRate);

        // What the program made: so that the figures are not only equal.
        Assert.InRange(memory.HeapInUseBytes.Value, 24 << 20, 32 << 20);
        Assert.InRange(memory.StackBytes.Value, 4 << 20, 24 << 20);
        Assert.True(memory.HeapReleasedBytes > 8 << 20);
        Assert.True(memory.HeapFreeBytes > 1 << 20);
        Assert.False(runtime.AsyncPreemptionIsOff);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Switches_are_as_they_were_set(string version, string kind)
    {
        using GoProcess process = GoProcess.Start("/usr/bin/env", "GODEBUG=asyncpreemptoff=1", Build(version, kind), "-rate", "0");
        GoRuntime runtime = process.Read();
        Assert.True(runtime.AsyncPreemptionIsOff);
        Assert.Equal(0, runtime.OwnMemory!.HeapProfileRate);
        Assert.DoesNotContain(process.Gaps.ToList(), gap => gap.Stage == "runtime");
    }

    [Theory]
    [InlineData("1.19", false)]
    [InlineData("1.27", true)]
    public void A_saved_snapshot_tells_the_same(string version, bool isRedacted)
    {
        using GoProcess process = GoProcess.Start(Build(version, "stripped"), "-rate", "65536");
        using TargetProcess target = TargetProcess.Open(process.Pid);
        using LiveSnapshot live = LiveCapture.Take(target, new CaptureOptions { Tier = CaptureTier.Proc }, new GapLog(), Limits.Default);
        using ImageCache images = new();
        live.LogReads(new ReadLog { IsRedacted = isRedacted });
        ModuleMap modules = ModuleMap.Build(live, images, live.Gaps, Limits.Default);
        live.Log!.IsReadingStructure = true;
        GoRuntime? runtime = GoRuntime.TryOpen(live, modules, live.Gaps, Limits.Default);
        live.Log.IsReadingStructure = false;
        RuntimeMemory memory = runtime!.OwnMemory!;
        bool? isOff = runtime.AsyncPreemptionIsOff;

        using MemoryStream file = new();
        SnapshotWriter.Write(live, new SaveOptions(IsFull: false, isRedacted), file, Limits.Default, null, CancellationToken.None);
        using SavedSnapshot saved = SavedSnapshot.Open(new BufferByteSource(file.ToArray()), "x.snapshot", FileSearch.Default, Limits.Default);
        using ImageCache others = new();
        GoRuntime? again = GoRuntime.TryOpen(saved, ModuleMap.Build(saved, others, saved.Gaps, Limits.Default), saved.Gaps, Limits.Default);
        Assert.Equal(memory, again!.OwnMemory);
        Assert.NotNull(memory.StackBytes);
        Assert.Equal(false, isOff);
        Assert.Equal(isOff, again.AsyncPreemptionIsOff);
    }

    /// <summary>The scavenger works on in the background: what is free is given back bit by bit.</summary>
    private static void AssertNear(long before, long after, long value)
    {
        const long margin = 256 << 10;
        Assert.InRange(value, Math.Min(before, after) - margin, Math.Max(before, after) + margin);
    }

    private static string Build(string version, string kind) => GoBuilds.Build(
        "Blindspot.LiveTests/Runtime/Go/Programs/memory",
        version,
        [
            .. kind.Contains("pie", StringComparison.Ordinal) ? (string[])["-buildmode=pie"] : [],
            .. kind.Contains("stripped", StringComparison.Ordinal) ? (string[])["-ldflags=-s -w"] : [],
        ],
        kind.Contains("cgo", StringComparison.Ordinal));

    private sealed record Truth(long HeapInUse, long HeapIdle, long HeapReleased, long StackInUse, long Sys, long Collections, long ProfileRate)
    {
        public static Truth Of(GoProcess process)
        {
            long[] figures = [.. process.Dump().Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
            return new Truth(figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6]);
        }
    }
}

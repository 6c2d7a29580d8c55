namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Small programs with what makes debug information hard: nested inlining, namespaces, templates, lambdas, cold parts.</summary>
internal static class SamplePrograms
{
    public const string C = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        static inline __attribute__((always_inline)) int clamp(int v, int top) {
            if (v > top)
                return top;
            return v < 0 ? 0 : v;
        }
        static inline __attribute__((always_inline)) int mix(int a, int b) {
            int r = clamp(a * 31 + b, 1000);
            for (int i = 0; i < b; i++)
                r ^= clamp(r + i, 77);
            return r;
        }
        static int fold(const char *s, int n) {
            int h = 7;
            while (n-- > 0)
                h = mix(h, s[n]);
            return h;
        }
        struct inner { short a; char name[12]; };
        struct outer { long id; struct inner in; struct inner many[3]; struct outer *next; union { int i; float f; } u; unsigned low : 3, high : 5; };
        enum colour { RED = 3, GREEN = 17 };
        struct outer global_outer = { 4 };
        enum colour global_colour = GREEN;
        int table[4][5];
        __attribute__((noinline)) int work(struct outer *o, const char *s) {
            if (o->id > 100) {
                fprintf(stderr, "too many: %ld\n", o->id);
                abort();
            }
            o->in.a = (short)fold(s, (int)strlen(s));
            return mix(o->in.a, (int)o->id) + table[o->id & 3][1];
        }
        int main(int argc, char **argv) {
            for (int i = 0; i < argc; i++)
                global_outer.id += work(&global_outer, argv[i]);
            printf("%ld %d\n", global_outer.id, global_colour);
            return 0;
        }
        """;

    public const string Cpp = """
        #include <algorithm>
        #include <cstdio>
        #include <map>
        #include <string>
        #include <vector>
        namespace farm { namespace barn {
        template <typename T> struct Box {
            T value;
            T twice() const { return value + value; }
            template <typename F> T apply(F f) const { return f(twice()); }
        };
        extern "C" int plain_in_namespace(int v) { return v * 3 + 1; }
        class Shelf {
        public:
            explicit Shelf(int n);
            int sum() const;
            static int counter;
        private:
            std::vector<int> items;
        };
        int Shelf::counter = 0;
        Shelf::Shelf(int n) { for (int i = 0; i < n; i++) items.push_back(i * n); ++counter; }
        int Shelf::sum() const { int s = 0; for (int v : items) s += Box<int>{v}.apply([s](int x) { return x + s; }); return s; }
        } }
        namespace { int hidden(const std::string &s) { struct Local { static int run(int v) { return v * 7; } }; return Local::run((int)s.size()); } }
        int main(int argc, char **argv) {
            std::map<std::string, int> counts;
            for (int i = 0; i < argc; i++) counts[argv[i]] += hidden(argv[i]);
            farm::barn::Shelf shelf(argc + 5);
            std::vector<int> order{5, 3, argc, 9};
            std::sort(order.begin(), order.end(), [](int a, int b) { return a > b; });
            std::printf("%d %d %zu %d\n", shelf.sum(), farm::barn::plain_in_namespace(order[0]), counts.size(), farm::barn::Shelf::counter);
            return 0;
        }
        """;

    public const string Go = """
        package main

        type pair struct{ a, b int }

        func (p pair) sum() int { return p.a + p.b }

        func walk(n int, f func(int) int) int {
        	if n == 0 {
        		return f(pair{n, 3}.sum())
        	}
        	return walk(n-1, func(v int) int { return f(v) + pair{v, n}.sum() })
        }

        func main() { println(walk(4, func(v int) int { return v * 2 })) }
        """;

    public const string Rust = """
        use std::collections::HashMap;
        mod deep { pub struct P { pub a: u32 } impl P { #[inline(always)] pub fn dist(&self, o: &P) -> u32 { self.a.abs_diff(o.a) } } }
        fn tally(words: &[String]) -> HashMap<&str, usize> {
            let mut m = HashMap::new();
            for w in words { *m.entry(w.as_str()).or_insert(0) += w.len(); }
            m
        }
        fn main() {
            let words: Vec<String> = std::env::args().collect();
            let d = deep::P { a: words.len() as u32 }.dist(&deep::P { a: 9 });
            println!("{} {}", tally(&words).len(), d);
        }
        """;
}

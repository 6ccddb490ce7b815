select '{{ none }}' a, '{{ true }}' b, '{{ 1.50 }}' c, '{{ 1e3 }}' d, '{{ 10 / 4 }}' e, '{{ 10 // 4 }}' f, '{{ 7 % 3 }}' g, '{{ 2 ** 10 }}' h, '{{ 1 / 3 }}' i,
'{{ [1, 2.0, none, true] }}' j, '{{ (1, 2) }}' k, '{{ modules.datetime.date(2024, 2, 29) }}' l, '{{ modules.datetime.timedelta(days=1, seconds=3) }}' m, '{{ undefined_thing }}' n,
'{{ undefined_thing.deeper if undefined_thing is defined else "nope" }}' o, '{{ "abc"[1:] }}' p, '{{ "%05.1f" | format(3.14159) }}' q, '{{ "a,b,c".split(",") | length }}' r,
$${{ {"a": 1}.items() | list }}$$ s, '{{ range(3) }}' t, '{{ "x" ~ 1 ~ none }}' u, '{{ 3 in [1,2,3] }}' v, '{{ 1 if false }}' w, '{{ modules.re.sub("a+", "b", "caat") }}' x,
'{{ 12345678901234567890 }}' y, '{{ 0.1 + 0.2 }}' z, '{{ -7 // 2 }}' aa, '{{ 5 | string }}' ab, '{{ "5" | int + 1 }}' ac, '{{ 3.7 | int }}' ad, '{{ 3.75 | round(1) }}' ae, '{{ [3,1,2] | sort }}' af,
'{{ ["a","b"] | map("upper") | list | join("-") }}' ag, '{{ [{"k": 1},{"k": 2}] | sum(attribute="k") }}' ah, '{{ "Hello World" | lower | title | wordcount }}' ai, '{{ modules.itertools.chain([1],[2]) | list }}' aj,
'{{ "é" }}' ak, '{{ "a\nb" }}' al, '{{ "q''q" }}' am

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FormatError } from './error.ts'
import { compileTemplate } from './template.ts'
import { dictionary } from './values.ts'

const CONTAINER = {
  ID: 'a1b2',
  Name: '/web',
  State: { Status: 'running', Running: true, ExitCode: 0, Health: undefined },
  Config: { Cmd: ['sleep', '1000'], Env: ['A=1', 'B=two'], Labels: dictionary({ 'com.example': 'yes', plain: 'p' }), Entrypoint: null },
  Mounts: [
    { Source: '/a', RW: true },
    { Source: '/b', RW: false },
  ],
  Networks: dictionary({ one: { IPAddress: '10.0.0.2' }, another: { IPAddress: '10.0.1.2' } }),
  Ports: dictionary({ '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '443/tcp': null }),
  Size: 1234567,
  Share: 0.25,
  Label: (name: string) => `label ${name}`,
  html: '<a href="x">\'&',
}

const TEMPLATES: [template: string, output: string][] = [
  ['', ''],
  ['plain { text } }}', 'plain { text } }}'],
  ['{{.ID}}\t{{.Name}}', 'a1b2\t/web'],
  ['{{ .State.Status }}', 'running'],
  ['{{json .State}}', '{"Status":"running","Running":true,"ExitCode":0}'],
  ['{{json .State.Health}}', 'null'],
  ['{{.State.Health}}', '<nil>'],
  ['{{json .Config.Labels}}', '{"com.example":"yes","plain":"p"}'],
  ['{{.Config.Labels.plain}} {{.Config.Labels.missing}}', 'p <no value>'],
  ['{{index .Config.Labels "com.example"}}|{{index .Config.Labels "missing"}}|', 'yes||'],
  ['{{range .Mounts}}{{.Source}} {{end}}', '/a /b '],
  ['{{range $k, $v := .Networks}}{{$k}}={{$v.IPAddress}};{{end}}', 'another=10.0.1.2;one=10.0.0.2;'],
  ['{{range $at, $m := .Mounts}}{{$at}}{{$m.Source}}{{end}}', '0/a1/b'],
  ['{{range $m := .Mounts}}{{$m.Source}}{{$.ID}}{{end}}', '/aa1b2/ba1b2'],
  ['{{range .Networks}}{{.IPAddress}} {{end}}', '10.0.1.2 10.0.0.2 '],
  ['{{range .Config.Entrypoint}}x{{else}}none{{end}}', 'none'],
  ['{{range .Mounts}}{{if .RW}}{{continue}}{{end}}{{.Source}}{{end}}', '/b'],
  ['{{range .Mounts}}{{.Source}}{{break}}{{end}}', '/a'],
  ['{{range 3}}{{.}}{{end}}', '012'],
  ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
  ['{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}', 'none'],
  ['{{if eq .State.Status "exited"}}a{{else if .State.Running}}b{{else}}c{{end}}', 'b'],
  ['{{if not .State.Running}}a{{else if eq 1 2}}b{{else}}c{{end}}!', 'c!'],
  ['{{with .State}}{{.Status}}{{end}}{{with .State.Health}}x{{else}}-{{end}}', 'running-'],
  ['{{with $x := .ID}}{{$x}}{{end}}', 'a1b2'],
  ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
  ['{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}', '21'],
  ['{{len .Mounts}} {{len .ID}} {{len .Networks}}', '2 4 2'],
  ['{{join .Config.Cmd " "}}', 'sleep 1000'],
  ['{{join .Config.Entrypoint " "}}|', '|'],
  ['{{.Config.Cmd}} {{.Config.Entrypoint}}', '[sleep 1000] <nil>'],
  ['{{.Networks}}', 'map[another:{10.0.1.2} one:{10.0.0.2}]'],
  ['{{(index .Mounts 1).Source}}', '/b'],
  ['{{index .Mounts 0 | json}}', '{"Source":"/a","RW":true}'],
  ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
  ['{{range $p, $c := .Ports}}{{$p}}->{{with $c}}{{(index . 0).HostPort}}{{else}}-{{end}} {{end}}', '443/tcp->- 80/tcp->8080 '],
  ['{{.ID | upper | printf "%s-%s" "x"}}', 'x-A1B2'],
  ['{{upper .ID}} {{lower "AB"}} {{title "one two"}}', 'A1B2 ab One Two'],
  ['{{split "a,b" ","}} {{index (split "a,b" ",") 1}}', '[a b] b'],
  ['{{truncate .ID 2}}|{{truncate .ID 20}}|{{pad .ID 1 2}}|', 'a1|a1b2| a1b2  |'],
  ['{{slice .ID 1 3}} {{slice .Config.Cmd 1}}', '1b [1000]'],
  ['{{println .ID .Size}}', 'a1b2 1234567\n'],
  ['{{print "a" 1 2 "b"}}', 'a1 2b'],
  [
    '{{printf "%-6s|%6s|%d|%05d|%+d|%q|%v|%t|%x|%.2f|%%" .ID .ID 7 7 7 .ID .Config.Cmd true 255 .Share}}',
    'a1b2  |  a1b2|7|00007|+7|"a1b2"|[sleep 1000]|true|ff|0.25|%',
  ],
  ['{{eq .ID "x" "a1b2"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1 2}}', 'true true true true true false'],
  ['{{and true .ID}} {{and 0 .Nothing}} {{or "" "b"}} {{or .ID .Nothing}} {{not .ID}}', 'a1b2 0 b a1b2 false'],
  ['{{and .State.Health .State.Health.Status}}', '<nil>'],
  ['{{eq nil .State.Health}}', 'true'],
  ['{{.Label "x.y"}} {{.Label "z" | upper}}', 'label x.y LABEL Z'],
  ['{{html .html}} {{urlquery "a b&"}}', '&lt;a href=&#34;x&#34;&gt;&#39;&amp; a%20b%26'],
  ['a  {{- .ID -}}  b', 'aa1b2b'],
  ['a {{- /* a comment */ -}} b{{/* another */}}', 'ab'],
  ['{{"}}"}}{{`raw \\n`}}{{"tab\\t\\"q\\" \\u00e9"}}', '}}raw \\ntab\t"q" é'],
  ['{{1_000}} {{-5}} {{0x10}} {{1.5}} {{true}}', '1000 -5 16 1.5 true'],
  ['{{range .Config.Env}}{{println .}}{{end}}', 'A=1\nB=two\n'],
  ['{{.Share}} {{.Size}}', '0.25 1234567'],
]

for (const [template, output] of TEMPLATES)
  test(`${JSON.stringify(template)} is ${JSON.stringify(output)}`, () => {
    assert.equal(compileTemplate(template)(CONTAINER), output)
  })

const REFUSED: [template: string, said: RegExp, hint?: RegExp][] = [
  ['{{.Nope}}', /reading Nope of \.: there is no such field/, /there are ID, Name, State/],
  ['{{.State.Nope}}', /reading Nope of \.State: /, /Status, Running/],
  ['{{.State.Health.Status}}', /reading Status of \.State\.Health: \.State\.Health is nil/, /\{\{with \.State\.Health\}\}/],
  ['{{.ID.Nope}}', /reading Nope of \.ID: it is a text/],
  ['{{nope .ID}}', /calling nope: templates have no such function/, /and, eq, ge/],
  ['{{.ID', /an action that \{\{ begins has no \}\}/],
  ['{{}}', /a value is missing/],
  ['{{if .ID}}x', /\{\{if \.ID\}\} has no \{\{end\}\}/],
  ['{{if .ID}}x{{else}}y', /has no \{\{end\}\}/],
  ['x{{end}}', /\{\{end\}\} has nothing that it ends/],
  ['{{(.ID}}', /a parenthesis is not closed/],
  ['{{.ID | }}', /a value is missing/],
  ['{{.ID | "x"}}', /a value behind \| is no function/],
  ['{{.ID ? 1}}', /"\? 1\}\}" is nothing that an action can have/],
  ['{{.ID "x"}}', /calling \.ID: it is a text, not a function/],
  ['{{.ID)}}', /"\)" is out of place/],
  ['{{$x}}', /reading variable \$x: the template declares none/],
  ['{{break}}', /outside of \{\{range\}\}/],
  ['{{template "x"}}', /templates within templates/],
  ['{{index .Mounts 7}}', /taking index 7: out of range, there are 2/],
  ['{{index .State "Status"}}', /taking index Status of a structure/],
  ['{{len 5}}', /taking the len of a number/],
  ['{{range .State}}{{end}}', /a structure has nothing to range over/],
  ['{{eq .ID 5}}', /comparing a text with a number/],
  ['{{lt .ID 5}}', /comparing a text with a number/],
  ['{{upper .Mounts}}', /calling upper with a list: it takes a text/],
  ['{{printf "%d" .ID}}', /formatting with %d: "a1b2" is a text, not a number/],
  ['{{printf "%s"}}', /there is no value for %s/],
  ['{{printf "%z" 1}}', /printf knows/],
]

for (const [template, said, hint] of REFUSED)
  test(`${template} is refused`, () => {
    assert.throws(
      () => compileTemplate(template)(CONTAINER),
      (error) => {
        assert.ok(error instanceof FormatError)
        assert.match(error.message, said)
        if (hint !== undefined) assert.match(error.hint ?? '', hint)
        return true
      },
    )
  })

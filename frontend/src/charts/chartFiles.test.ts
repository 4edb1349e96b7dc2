// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { fileName, tableCsv } from './chartFiles'

test('a table is saved as it is read, without intervals and thousands’ commas', () => {
  const table = document.createElement('table')
  table.innerHTML = `<tr><th>Plan</th><th>Tokens/s</th></tr>
    <tr><td>TP2, "wide"</td><td>17,849<span class="interval">14,005–22,859</span></td></tr>`
  expect(tableCsv(table)).toBe('Plan,Tokens/s\n"TP2, ""wide""",17849\n')
})

test('a file is called what it shows', () => {
  expect(fileName('Prefill (TTFT): 1,300 ms', 'svg')).toBe('Prefill (TTFT) 1,300 ms.svg')
})

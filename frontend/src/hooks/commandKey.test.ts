// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { isCommandKey } from './commandKey'

afterEach(() => {
  document.body.innerHTML = ''
})

/** Whether a key pressed in the element of that id is a command. */
function pressed(html: string, init: KeyboardEventInit = {}): boolean {
  document.body.innerHTML = html
  let told = false
  const listen = (event: KeyboardEvent) => {
    told = isCommandKey(event)
  }
  window.addEventListener('keydown', listen, { once: true })
  const event = new KeyboardEvent('keydown', { key: 'n', bubbles: true, ...init })
  const target = document.getElementById('here') ?? document.body
  target.dispatchEvent(event)
  return told
}

test('a key alone is a command on the page, on a button and on a box to tick', () => {
  for (const html of [
    '',
    '<button id="here"></button>',
    '<input id="here" type="checkbox">',
    '<input id="here" type="radio">',
  ]) {
    expect([html, pressed(html)]).toEqual([html, true])
  }
})

test('a key goes into a field, or into the dialog over the page', () => {
  for (const html of [
    '<input id="here">',
    '<input id="here" type="search">',
    '<textarea id="here"></textarea>',
    '<select id="here"></select>',
    '<div role="combobox"><span id="here"></span></div>',
    '<div role="dialog"><button id="here"></button></div>',
    '<dialog open></dialog><button id="here"></button>',
  ]) {
    expect([html, pressed(html)]).toEqual([html, false])
  }
})

test('with another key held it belongs to the browser', () => {
  for (const held of ['ctrlKey', 'metaKey', 'altKey'] as const) {
    expect([held, pressed('', { [held]: true })]).toEqual([held, false])
  }
})

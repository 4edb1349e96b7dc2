import { createContext, useContext } from 'react'
import { type Colors, colorsOf, type ThemeName } from '@/theme'

/** The colours of a theme, for what no style sheet reaches. */
export type Palette = Pick<
  Colors,
  | 'compute'
  | 'memory'
  | 'communication'
  | 'overhead'
  | 'waiting'
  | 'accent'
  | 'text'
  | 'muted'
  | 'line'
  | 'surface'
>

export const ThemeNameContext = createContext<ThemeName>('light')

export function usePalette(): Palette {
  return colorsOf[useContext(ThemeNameContext)]
}

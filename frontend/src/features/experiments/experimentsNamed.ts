import type { Experiment } from '@/api/types'

type Named = Pick<Experiment, 'name' | 'description' | 'tags' | 'pinned'>

/** Experiments that have all of these words in name, notes or tags; pinned ones first. */
export function experimentsNamed<T extends Named>(
  experiments: readonly T[],
  text: string,
): readonly T[] {
  const words = text.toLowerCase().split(/\s+/)
  const has = ({ name, description, tags }: T) => {
    const said = [name, description, ...tags].join(' ').toLowerCase()
    return words.every((word) => said.includes(word))
  }
  const found = experiments.filter(has)
  return [...found.filter(({ pinned }) => pinned), ...found.filter(({ pinned }) => !pinned)]
}

const address = /https?:\/\/[^\s,;)]+/g

/** A source as it stands in the data file, its addresses as links. */
export function SourceText({ source }: { source: string }) {
  const links = source.match(address) ?? []
  const words = source.split(address)
  return words.map((text, place) => {
    const link = links[place]
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text that never changes
      <span key={place}>
        {text}
        {link !== undefined && (
          <a href={link} target="_blank" rel="noreferrer">
            {new URL(link).hostname}
          </a>
        )}
      </span>
    )
  })
}

/** One line of it; all of it is in the details of its entry. */
export function SourceCell({ source }: { source: string }) {
  return (
    <span title={source}>
      <SourceText source={source} />
    </span>
  )
}

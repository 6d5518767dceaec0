import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

// Tells whoever asks, by TCP or UDP, who is here and from where it was asked.
const [name, port = ''] = process.argv.slice(2)
const answer = (from: string | undefined): string => `${name} ${from?.replace(/^::ffff:/, '')}\n`

const udp = createSocket('udp6')
udp.on('message', (_, { address, port: from }) => udp.send(answer(address), from, address))
udp.bind(Number(port), () => {
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(answer(socket.remoteAddress))
  })
  tcp.listen(Number(port), '::', () => process.stdout.write('ready\n'))
})

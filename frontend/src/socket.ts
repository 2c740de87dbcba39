/** One websocket for the whole page: topics with numbered messages, caught up after every break. No React in here. */
import { WebSocket as ReconnectingSocket } from "partysocket";

export interface Message {
  type: "snapshot" | "event" | "heartbeat" | "refused";
  topic: string;
  seq?: number;
  code?: string;
  [field: string]: unknown;
}

export type Link = "connecting" | "open" | "lost" | "signed_out" | "refused";

interface Topic {
  listeners: Set<(message: Message) => void>;
  seq: number;
}

const SILENCE = 40_000; // heartbeats come every 15 s; two missed and a bit: the line is dead though nobody said so

class SharedSocket {
  private socket: ReconnectingSocket | null = null;
  private readonly topics = new Map<string, Topic>();
  private readonly watchers = new Set<(link: Link) => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  link: Link = "connecting";

  /** Hears a topic until the returned function is called. `after` > 0 asks only for what is newer. */
  subscribe(name: string, listener: (message: Message) => void, after = 0): () => void {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = { listeners: new Set(), seq: after };
      this.topics.set(name, topic);
    }
    topic.listeners.add(listener);
    // A second listener needs its own snapshot, so the topic is asked for again.
    this.send({ type: "subscribe", topic: name, after });
    this.open();
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0 || this.topics.get(name) !== topic) return;
      this.topics.delete(name);
      this.send({ type: "unsubscribe", topic: name });
      if (this.topics.size === 0) this.close();
    };
  }

  /** Asks for what came after `seq`: for a listener that saw a gap. */
  catchUp(name: string, seq: number): void {
    this.send({ type: "subscribe", topic: name, after: seq });
  }

  watch(watcher: (link: Link) => void): () => void {
    this.watchers.add(watcher);
    watcher(this.link);
    return () => this.watchers.delete(watcher);
  }

  private open(): void {
    if (this.socket) return;
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/`;
    const socket = new ReconnectingSocket(address, undefined, {
      maxReconnectionDelay: 8000,
      minReconnectionDelay: 400,
    });
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.tell("open");
      this.alive();
      for (const [name, topic] of this.topics) this.send({ type: "subscribe", topic: name, after: topic.seq });
    });
    socket.addEventListener("message", (event) => this.hear(String((event as MessageEvent).data)));
    socket.addEventListener("close", (event) => {
      const code = (event as CloseEvent).code;
      if (code === 4401 || code === 4403) {
        this.tell(code === 4401 ? "signed_out" : "refused");
        this.close();
      } else if (this.socket === socket) this.tell("lost");
    });
  }

  private close(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private alive(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.tell("lost");
      this.socket?.reconnect();
    }, SILENCE);
  }

  private hear(text: string): void {
    this.alive();
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return;
    }
    const topic = this.topics.get(message.topic);
    if (!topic) return;
    if (typeof message.seq === "number" && message.type !== "heartbeat") topic.seq = Math.max(topic.seq, message.seq);
    for (const listener of [...topic.listeners]) listener(message);
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private tell(link: Link): void {
    this.link = link;
    for (const watcher of this.watchers) watcher(link);
  }
}

export const socket = new SharedSocket();

export class TopicHub {}
